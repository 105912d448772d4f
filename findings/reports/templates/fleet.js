"use strict";
const rows = [...document.querySelectorAll(".tenants tbody tr")];
const find = document.getElementById("find");
const state = document.getElementById("state");
const order = document.getElementById("order");
const shown = document.getElementById("shown");
if (rows.length) {
  const texts = new Map(rows.map((row) => [row, row.textContent.toLocaleLowerCase()]));
  const name = (row) => row.querySelector("bdi").textContent;
  const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const orders = {
    r: (a, b) => a.dataset.r - b.dataset.r,
    n: (a, b) => words.compare(name(a), name(b)),
    t: (a, b) => (a.dataset.t < b.dataset.t ? -1 : a.dataset.t > b.dataset.t ? 1 : orders.r(a, b)),
  };
  const filter = () => {
    const wanted = find.value.toLocaleLowerCase().split(/\s+/);
    let count = 0;
    for (const row of rows) {
      const text = texts.get(row);
      row.hidden = (state.value && row.dataset.s !== state.value) || !wanted.every((word) => text.includes(word));
      count += row.hidden ? 0 : 1;
    }
    shown.textContent = `${count} of ${rows.length} shown`;
  };
  const sort = () => document.querySelector(".tenants tbody").append(...rows.sort(orders[order.value]));
  find.addEventListener("input", filter);
  state.addEventListener("change", filter);
  order.addEventListener("change", sort);
  document.querySelector(".sift").hidden = false;
  filter();
}
