// Reads {tables: {name: {column: type}}, queries: {name: text}} and writes what Microsoft's own parser says of each
// query: its mistakes, of names and types too, and the columns of its result.
const { join } = require("node:path");
const parser = join(__dirname, "../../../node_modules/@kusto/language-service-next");
require(join(parser, "bridge.min.js"));
require(join(parser, "Kusto.Language.Bridge.min.js"));

const { GlobalState, KustoCode, Symbols } = Kusto.Language;
const list = (found) => Array.from({ length: found.Count }, (_, at) => found.getItem(at));
const { tables, queries } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));

const symbols = Object.entries(tables).map(([name, columns]) => {
  const schema = Object.entries(columns).map(([column, type]) => `${column}: ${type}`);
  return Symbols.TableSymbol.From(`(${schema.join(", ")})`).WithName(name);
});
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("workspace", symbols));

const told = Object.entries(queries).map(([name, text]) => {
  const code = KustoCode.ParseAndAnalyze(text, globals);
  const mistakes = list(code.GetDiagnostics()).map((one) => one.Message);
  const columns = list(code.ResultType.Columns).map((column) => [column.Name, column.Type.Name]);
  return [name, { mistakes, columns: Object.fromEntries(columns) }];
});
process.stdout.write(JSON.stringify(Object.fromEntries(told)));
