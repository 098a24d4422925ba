// The look of the HTML report: a page to be read and printed, with nothing from elsewhere.

export const STYLE = `
:root { --ink: #1f2933; --quiet: #52606d; --line: #e4e7eb; --accent: #0072b2; --warn: #fff7e6; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: #f7f8fa; font: 15px/1.55 Inter, "Helvetica Neue", Helvetica, Arial, sans-serif; }
main { max-width: 1120px; margin: 32px auto; padding: 40px 48px; background: #fff; border: 1px solid var(--line); border-radius: 8px; }
h1 { margin: 0; font-size: 28px; line-height: 1.25; letter-spacing: -0.01em; }
h2 { margin: 44px 0 12px; padding-top: 20px; border-top: 1px solid var(--line); font-size: 19px; }
h3 { margin: 20px 0 4px; font-size: 15px; }
p { margin: 6px 0; }
.lead, .small { color: var(--quiet); }
.small { font-size: 13px; }
code { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
pre { margin: 16px 0 0; padding: 10px 14px; overflow-x: auto; background: #f1f3f5; border-radius: 6px; }
.warnings { margin: 20px 0 0; padding: 10px 16px; background: var(--warn); border-left: 4px solid #e69f00; border-radius: 4px; }
.warnings ul { margin: 0; padding-left: 18px; }
.table { overflow-x: auto; margin: 12px 0; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th { padding: 6px 10px; text-align: left; font-weight: 600; color: var(--quiet); border-bottom: 2px solid var(--line); white-space: nowrap; }
td { padding: 4px 10px; text-align: left; vertical-align: top; }
tr.first td { border-top: 1px solid var(--line); }
td:first-child, th:first-child { padding-left: 0; }
tr.first td:first-child { font-weight: 600; }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.whole { white-space: nowrap; }
.interval { display: block; color: var(--quiet); font-size: 12px; white-space: nowrap; }
.good, .bad, .dim { font-weight: 600; white-space: nowrap; }
.good { color: #00714d; }
.bad { color: #b3400a; }
.dim { color: var(--quiet); font-weight: 400; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(480px, 100%), 1fr)); gap: 28px 20px; margin-top: 20px; }
.plots.wide { grid-template-columns: 1fr; }
figure { margin: 0; }
figure svg { display: block; max-width: 100%; height: auto; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 12px 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
ul { margin: 6px 0; padding-left: 20px; }
@media print { body { background: #fff; } main { margin: 0; padding: 0; border: 0; max-width: none; } h2, figure, tr { break-inside: avoid; } }
@media (max-width: 760px) { main { margin: 0; padding: 24px 16px; border-radius: 0; } }
`.trim();
