// How the pages look: one style sheet, inlined in every page, light or dark as the reader's system says.
//
// Kept apart from page.cpp, which says what the pages hold.
#pragma once

namespace jtrace::collector {

inline constexpr char kPageStyle[] = R"css(
:root { color-scheme: light dark;
  --bg: #fbfbfc; --card: #fff; --ink: #1c2128; --soft: #5d6673; --line: #e3e6ea; --hover: #f2f5f8;
  --accent: #0b6bcb; --error: #c9252d; --track: #f4f6f8;
  --h0: #17a2b8; --h1: #4c9a2a; --h2: #d28e00; --h3: #b04ec0; --h4: #3f6fd8; --h5: #e0663a; --h6: #0f9d76; --h7: #8a6d3b; }
@media (prefers-color-scheme: dark) { :root {
  --bg: #14171c; --card: #1b1f26; --ink: #e4e8ee; --soft: #98a2b0; --line: #2d333d; --hover: #232932;
  --accent: #62b0ff; --error: #ff6b6b; --track: #20252d;
  --h0: #3cc4d9; --h1: #79c257; --h2: #f0b440; --h3: #d283e0; --h4: #7d9ff5; --h5: #ff9068; --h6: #3ccf9f; --h7: #c4a36a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 14px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
header { display: flex; gap: 1rem; align-items: baseline; padding: .7rem 1.5rem; background: var(--card);
  border-bottom: 1px solid var(--line); }
header a { color: inherit; text-decoration: none; font-weight: 650; letter-spacing: .01em; }
header span, .soft { color: var(--soft); }
main { max-width: 1500px; margin: 1.2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.25rem; margin: 0 0 .3rem; overflow-wrap: anywhere; }
a { color: var(--accent); }
code { font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.error { color: var(--error); font-weight: 600; }
form { display: flex; flex-wrap: wrap; gap: .8rem; align-items: end; margin-bottom: 1.2rem; }
label { display: grid; gap: .15rem; color: var(--soft); font-size: 12px; }
input, select, button { font: inherit; font-size: 14px; color: var(--ink); background: var(--card); height: 2.1rem;
  border: 1px solid var(--line); border-radius: 6px; padding: 0 .55rem; min-width: 8rem; }
select { max-width: 16rem; }
input.short { min-width: 0; width: 6.5rem; }
button { background: var(--accent); border-color: var(--accent); color: var(--card); font-weight: 600; cursor: pointer; }
.found { display: block; color: inherit; text-decoration: none; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; margin-bottom: .6rem; padding: .6rem .9rem; position: relative; overflow: hidden; }
.found:hover { background: var(--hover); }
.found b { font-weight: 600; overflow-wrap: anywhere; }
.found .right { float: right; margin-left: 1rem; font-variant-numeric: tabular-nums; }
.found .length { position: absolute; left: 0; bottom: 0; height: 3px; background: var(--accent); opacity: .55; }
.found p { margin: .1rem 0 0; }
.service { display: inline-block; padding: 0 .5em; border-radius: 4px; background: var(--track); font-size: 12.5px; margin-right: .3rem;
  border-left: 4px solid var(--hue, var(--line)); overflow-wrap: anywhere; }
.axis, summary { display: grid; grid-template-columns: minmax(14rem, 34%) 1fr; }
.axis { position: sticky; top: 0; background: var(--card); color: var(--soft); font-size: 12px; z-index: 1;
  border-bottom: 1px solid var(--line); }
.axis div { padding: .25rem 0 .25rem .8rem; }
.axis div:last-child { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); margin-right: .6rem; padding: 0; }
.axis span { grid-row: 1; padding: .25rem .3rem; border-left: 1px solid var(--line); white-space: nowrap; }
.axis span:nth-child(1) { grid-column: 1; }
.axis span:nth-child(2) { grid-column: 2; }
.axis span:nth-child(3) { grid-column: 3; }
.axis span:nth-child(4) { grid-column: 4; }
.axis span:nth-child(5) { grid-column: 4; justify-self: end; padding-right: 0; border: 0; }
.trace { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin-top: 1rem; overflow: clip; }
summary { cursor: pointer; list-style: none; border-bottom: 1px solid var(--line); }
details:last-child > :last-child, details:last-child:not([open]) > summary { border-bottom: 0; }
summary::-webkit-details-marker { display: none; }
summary:hover, details[open] > summary { background: var(--hover); }
.name { padding: 0 .8rem 0 calc(var(--depth) * var(--indent, 16px) + 10px); line-height: 1.9rem; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; border-left: 4px solid var(--hue); }
.name::before { content: "▸"; display: inline-block; width: 1.1em; color: var(--soft); }
details[open] > summary .name::before { content: "▾"; }
.name .soft { font-size: 12.5px; }
.time { position: relative; height: 1.9rem; margin-right: .6rem; background-image:
  linear-gradient(to right, var(--line) 1px, transparent 1px); background-size: 25% 100%; }
.bar { position: absolute; top: .45rem; height: 1rem; min-width: 2px; border-radius: 3px; background: var(--hue); }
.bad .bar { background: var(--error); }
.time i { position: absolute; top: 0; font: 12px/1.9rem system-ui, "Segoe UI", Roboto, sans-serif; color: var(--soft); white-space: nowrap;
  padding: 0 .35rem; font-variant-numeric: tabular-nums; }
.inside { padding: .7rem 1rem 1rem 1.2rem; border-bottom: 1px solid var(--line); background: var(--track); border-left: 4px solid var(--hue); }
.inside h2 { font-size: 12.5px; color: var(--soft); margin: .8rem 0 .2rem; }
.inside h2:first-child { margin-top: 0; }
table { border-collapse: collapse; width: 100%; background: var(--card); border: 1px solid var(--line); }
td { border-bottom: 1px solid var(--line); padding: .15rem .6rem; vertical-align: top; overflow-wrap: anywhere; white-space: pre-wrap; }
td:first-child { width: 16rem; color: var(--soft); }
@media (max-width: 700px) { :root { --indent: 6px; }
  main { padding: 0 .7rem; }
  header { padding: .7rem; }
  .axis, summary { grid-template-columns: 45% 1fr; }
  .axis span:nth-child(even) { visibility: hidden; }
  .inside { padding-left: .7rem; padding-right: .7rem; }
  td:first-child { width: 38%; } }
)css";

}  // namespace jtrace::collector
