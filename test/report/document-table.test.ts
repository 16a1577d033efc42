import test from 'ava';
import { documentTable, oneLineHeadings } from '../../sim/report/text/document-table.js';

const TABLE = {
  headings: [
    ['policy', ''],
    ['time (s)', 'plan'],
    ['time (s)', 'sim'],
    ['power', '(kW)'],
  ] as const,
  rows: [
    ['max-frequency', '56.041', '56.055', '1340.5'],
    ['perseus', '-0.10', '—', ''],
  ],
  leftColumns: 1,
};

/** Everything that Markdown or LaTeX acts on. */
const HOSTILE = String.raw`[x](y) \ { } $ & % # _a_ b_c ~ ^ < > | * "q" &lt; ${'`'}z${'`'}`;

test('a table is a tabular of booktabs, with shared headings above a rule', (t) => {
  t.is(
    documentTable('latex', TABLE),
    String.raw`% \usepackage{booktabs}
\begin{tabular}{@{}lrrr@{}}
\toprule
 & \multicolumn{2}{c}{time (s)} & power \\
\cmidrule(lr){2-3}
policy & plan & sim & (kW) \\
\midrule
max-frequency & 56.041 & 56.055 & 1340.5 \\
perseus & $-$0.10 & --- &  \\
\bottomrule
\end{tabular}
`,
  );
});

test('a table is one of Markdown, with headings on one line', (t) => {
  t.is(
    documentTable('markdown', TABLE),
    [
      '| policy | time (s) plan | time (s) sim | power (kW) |',
      '|---|---:|---:|---:|',
      '| max-frequency | 56.041 | 56.055 | 1340.5 |',
      '| perseus | -0.10 | — |  |',
      '',
    ].join('\n'),
  );
});

const hostile = {
  headings: oneLineHeadings(['name']),
  rows: [[HOSTILE], ['a\nb']],
  leftColumns: 1,
};

test('LaTeX acts on no name', (t) => {
  const [cell, next] = documentTable('latex', hostile).split('\n').slice(5);
  t.is(
    cell,
    String.raw`{[}x](y) \textbackslash{} \{ \} \$ \& \% \# \_a\_ b\_c \textasciitilde{} \textasciicircum{} $<$ $>$ $|$ {*} ''q'' \&lt; ${'`'}z${'`'} \\`,
  );
  t.is(next, String.raw`a\textbackslash{}nb \\`);
});

test('Markdown acts on no name', (t) => {
  const [cell, next] = documentTable('markdown', hostile).split('\n').slice(2);
  t.is(
    cell,
    String.raw`| \[x\](y) \\ { } $ & % # \_a\_ b_c ~ ^ &lt; > \| \* "q" &amp;lt; ` + '\\`z\\` |',
  );
  t.is(next, String.raw`| a\\nb |`);
});

test('what looks like a range or a name keeps its hyphens in LaTeX', (t) => {
  const rows = [['1-2', 'gpt3-175b', '-3', '(-4', '−5', '3 … 4', '2 ± 1', '1.2×']];
  const headings = oneLineHeadings(rows[0]!);
  const row = documentTable('latex', { headings, rows, leftColumns: 0 }).split('\n')[5];
  t.is(
    row,
    String.raw`1-2 & gpt3-175b & $-$3 & ($-$4 & $-$5 & 3 \ldots{} 4 & 2 $\pm$ 1 & 1.2$\times$ \\`,
  );
});
