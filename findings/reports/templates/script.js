// Filters and sorts what the page already shows. Without it the page is complete.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const text = (element) => element.textContent.toLowerCase();
  const form = document.getElementById("controls");
  const blocks = all(".block");

  const items = all(".item").map((element, place) => ({
    element,
    place,
    block: element.closest(".block"),
    severity: element.classList[1],
    since: element.dataset.since,
    name: text(element.querySelector(".about strong") || element.querySelector(".about")),
    rule: element.closest(".block").dataset.rule,
    // The finding itself, and those that the same update fixes.
    parts: [
      { rule: element.closest(".block").dataset.rule, severity: element.classList[1], state: element.dataset.state },
      ...element.dataset.with.split(" ").filter(Boolean).map((each) => {
        const [rule, severity, state] = each.split(":");
        return { rule, severity, state };
      }),
    ],
    words: "",
  }));
  const orders = {
    severity: (a, b) => a.place - b.place,
    newest: (a, b) => b.since.localeCompare(a.since) || a.place - b.place,
    oldest: (a, b) => a.since.localeCompare(b.since) || a.place - b.place,
    name: (a, b) => a.name.localeCompare(b.name) || a.place - b.place,
    rule: (a, b) => a.rule.localeCompare(b.rule) || a.place - b.place,
  };
  const total = items.reduce((sum, item) => sum + item.parts.length, 0);
  let flat = false;

  // Long rules keep most of their findings folded; whoever searches wants them in one list.
  const flatten = () => {
    // What to do names a connector's group, and who searches for a group means the group.
    for (const item of items) {
      const parts = [...item.element.querySelectorAll("summary, dl > div:not(.own)"), item.block.querySelector("h3")];
      item.words = parts.map(text).join(" ");
    }
    for (const more of all(".more")) {
      more.previousElementSibling.append(...all(".item", more));
      more.remove();
    }
    flat = true;
  };

  const apply = () => {
    if (!flat) flatten();
    const wanted = new FormData(form);
    const words = wanted.get("text").toLowerCase().split(/\s+/).filter(Boolean);
    let kept = 0;
    for (const item of items) {
      const fitting = item.parts.filter((part) => {
        return ["severity", "rule", "state"].every((key) => !wanted.get(key) || part[key] === wanted.get(key));
      });
      const shown = fitting.length > 0 && words.every((word) => item.words.includes(word));
      item.element.hidden = !shown;
      if (shown) kept += fitting.length;
    }
    const order = orders[wanted.get("sort")];
    const first = new Map(blocks.map((block) => [block, null]));
    for (const item of [...items].sort(order)) {
      item.block.querySelector(".items").append(item.element);
      if (!item.element.hidden && !first.get(item.block)) first.set(item.block, item);
    }
    for (const [block, item] of first) block.hidden = !item;
    const shown = [...first].filter(([, item]) => item).sort((a, b) => order(a[1], b[1]));
    document.getElementById("blocks").append(...shown.map(([block]) => block));
    document.getElementById("shown").textContent = `${kept} of ${total} findings shown`;
  };

  const later = (work) => {
    let timer;
    return () => {
      clearTimeout(timer);
      timer = setTimeout(work, 60);
    };
  };

  if (form) {
    form.hidden = false;
    const soon = later(apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", soon);
    form.addEventListener("reset", () => setTimeout(apply));
    const unfold = document.getElementById("unfold");
    unfold.addEventListener("click", () => {
      const open = unfold.getAttribute("aria-pressed") !== "true";
      for (const details of all(".block details")) details.open = open;
      unfold.setAttribute("aria-pressed", String(open));
      unfold.textContent = open ? "Close all" : "Open all";
    });
    for (const link of all("[data-show]")) {
      link.addEventListener("click", () => {
        form.reset();
        form.elements.severity.value = link.dataset.show;
        apply();
      });
    }
  }

  for (const input of all("[data-table]")) {
    const line = input.closest(".sieve");
    const rows = all("tbody tr", document.getElementById(input.dataset.table));
    line.hidden = rows.length < 10;
    input.addEventListener("input", later(() => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) row.hidden = !words.every((word) => text(row).includes(word));
      const left = rows.filter((row) => !row.hidden).length;
      line.querySelector("[role=status]").textContent = `${left} of ${rows.length} shown`;
    }));
  }

  // Browsers that cannot open details by style print them all the same.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });
})();
