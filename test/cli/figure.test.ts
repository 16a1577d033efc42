import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { EXIT } from '../../sim/cli/program.js';
import { FIGURE_NAMES, FIGURES } from '../../sim/figures/figure-names.js';
import { begin } from '../support/command.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';
import { poppler, testWithPoppler } from '../support/poppler.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** A small job with a straggler, whose name and profile are hostile. */
const SCENARIO = projectFile('test/fixtures/figures/hostile-name.yaml');

const GPIPE = projectFile('test/fixtures/figures/gpipe.yaml');

/** The input of each figure. */
const INPUTS: Readonly<Record<string, string>> = {
  robustness: projectFile('results/robustness.csv'),
  'paper-7': projectFile('results/figure7.csv'),
  'paper-8': projectFile('results/figure8.csv'),
  'paper-9': projectFile('results/figure9.csv'),
};

for (const name of FIGURE_NAMES.filter((each) => each !== 'sweep')) {
  test(`${name} is drawn to the same bytes here and in another process`, async (t) => {
    const folder = temporaryFolder(t);
    const args = (file: string) => [
      ...['figure', name, INPUTS[name] ?? SCENARIO],
      ...['--output', join(folder, file), '--width', '84mm'],
    ];
    const { code, err } = await runInProcess(args('here.pdf'));
    t.is(code, EXIT.ok, err);
    t.is(err, `wrote ${join(folder, 'here.pdf')}\n`);
    const other = await begin(args('there.pdf')).ended;
    t.is(other.code, EXIT.ok, other.err);
    const [here, there] = ['here.pdf', 'there.pdf'].map((file) => readFileSync(join(folder, file)));
    t.deepEqual(here, there);
    t.regex(here!.toString('latin1'), /\/MediaBox \[0 0 238\.11 [\d.]+\]/);
  });
}

test('policies narrow a figure, in their order', async (t) => {
  const path = join(temporaryFolder(t), 'ledger.svg');
  const policies = ['--policies', 'envpipe, Max-Freq'];
  t.is((await runInProcess(['figure', 'ledger', SCENARIO, '--output', path, ...policies])).code, 0);
  const svg = readFileSync(path, 'utf8');
  const [first, second] = ['envpipe', 'max-frequency'].map((name) => svg.indexOf(`>${name}<`));
  t.true(first! > 0 && second! > first!, `${first!} ${second!}`);
  t.false(svg.includes('perseus'));
});

for (const name of FIGURE_NAMES.filter((each) => FIGURES[each] === 'scenario')) {
  test(`${name} of one policy leaves out max-frequency, which it is compared with`, async (t) => {
    const folder = temporaryFolder(t);
    const draw = async (policies: string) => {
      const path = join(folder, 'x.svg');
      const args = ['figure', name, SCENARIO, '--output', path, '--policies', policies];
      const { code, err } = await runInProcess(args);
      t.is(code, EXIT.ok, err);
      return readFileSync(path, 'utf8');
    };
    const alone = await draw('perseus');
    t.false(alone.includes('max-frequency'));
    if (name !== 'timeline') t.true(alone.includes('perseus'));
    t.true((await draw('max-frequency,perseus')).includes('max-frequency'));
  });
}

test('a height is kept, and letters have the size that was asked for', async (t) => {
  const path = join(temporaryFolder(t), 'frontier.svg');
  const size = ['--width', '7in', '--height', '4in', '--font-size', '9'];
  t.is((await runInProcess(['figure', 'frontier', SCENARIO, '--output', path, ...size])).code, 0);
  const svg = readFileSync(path, 'utf8');
  t.regex(svg, /^<svg[^>]* width="504pt"/);
  t.regex(svg, /^<svg[^>]* height="288pt"/);
  const [, widthPx] = /viewBox="0 0 ([\d.]+)/.exec(svg)!;
  const [, fontPx] = /font-size="([\d.]+)"/.exec(svg)!;
  t.is(((Number(fontPx) * 504) / Number(widthPx)).toFixed(3), '9.000');
});

testWithPoppler(
  'the title of a PDF is the name of the scenario, whatever it contains',
  async (t) => {
    const path = join(temporaryFolder(t), 'ledger.pdf');
    t.is((await runInProcess(['figure', 'ledger', SCENARIO, '--output', path])).code, EXIT.ok);
    t.true(
      poppler('pdfinfo', [path]).includes('a) /Title (b\\ </title><script>1</script>: ledger'),
    );
  },
);

test('everything that is wrong is told at once, and nothing is written', async (t) => {
  const folder = temporaryFolder(t);
  const table = join(folder, 'table.csv');
  writeFileSync(table, 'workload_id,policy,time_s,energy_j\na,b,1,\nc,perseus,-1,1e30\n');
  const { code, err } = await runInProcess([
    ...['figure', 'paper-9', table, '--output', join(folder, 'x.pdf'), '--width', '9 inch'],
    ...['--font', join(folder, 'none.ttf'), '--height', '0', '--font-size', '5'],
    ...['--policies', 'perseus,,perseus', '--dpi', '1.5'],
  ]);
  t.is(code, EXIT.wrongInput);
  const lines = err.trimEnd().split('\n');
  t.deepEqual(lines, [
    'pipewatt figure, --font-size: found "5", expected a number from 6 to 24 (pt)',
    'pipewatt figure, --width: found "9 inch", expected a length from 36pt to 3370pt in in, cm, mm or pt, such as 3.33in',
    'pipewatt figure, --height: found "0", expected a length from 36pt to 3370pt in in, cm, mm or pt, such as 3.33in',
    'pipewatt figure, --dpi: found "1.5", expected a whole number from 72 to 1200',
    'pipewatt figure, --policies: found perseus twice, expected it once',
    'pipewatt figure, --policies: expected names with commas between them',
    `pipewatt figure, --font: ${join(folder, 'none.ttf')} cannot be read: there is no such file or folder`,
    `${table}:3, column "time_s": found "-1", expected a number from 0.000001 to 10000000`,
    `${table}:3, column "energy_j": found "1e30", expected a number from 0.000001 to 1000000000000000000`,
  ]);
  t.deepEqual(readdirSync(folder), ['table.csv']);
});

const WRONG: readonly (readonly [title: string, args: readonly string[], message: RegExp])[] = [
  [
    'a figure that there is not',
    ['frontiers', SCENARIO],
    /figure: found "frontiers", expected timeline, frontier,.*; did you mean "frontier"\?/,
  ],
  [
    'a table instead of a scenario',
    ['ledger', INPUTS['paper-8']!],
    /is a table of published figures and ours, expected a scenario; pipewatt figure paper-7/,
  ],
  ['a scenario instead of a table', ['robustness', SCENARIO], /is a scenario, expected a table of/],
  [
    'the table of another figure',
    ['paper-8', INPUTS['paper-7']!],
    /holds nothing to draw, expected at least a row of the metric extrinsic_energy_reduction_pct/,
  ],
  [
    'policies of a figure that has its own',
    ['paper-9', INPUTS['paper-9']!, '--policies', 'perseus'],
    /--policies: paper-9 always shows the same policies; leave it out/,
  ],
  [
    'policies that there are not',
    ['ledger', SCENARIO, '--policies', 'perseos'],
    /--policies: found "perseos", expected max-frequency,.*; did you mean "perseus"\?/,
  ],
  [
    'a policy under two names',
    ['ledger', SCENARIO, '--policies', 'max-freq,perseus,all-max'],
    /--policies: found "max-freq" and "all-max", which are both max-frequency, expected it once/,
  ],
  [
    'a policy that does not plan the schedule',
    ['ledger', GPIPE, '--policies', 'perseus,envpipe'],
    /--policies: "envpipe" plans only the schedule "1f1b", found "gpipe"/,
  ],
  [
    'planners that a table lacks',
    ['robustness', INPUTS['robustness']!, '--policies', 'perseus-flat'],
    /--policies: found "perseus-flat", expected zeus-global,/,
  ],
  [
    'letters too large for the width',
    ['ledger', SCENARIO, '--font-size', '20'],
    /--width: found "3.33in", expected at least 5.56in for letters of 20 pt/,
  ],
  [
    'a font that does not come with the program',
    ['ledger', SCENARIO, '--font', 'Times New Roman'],
    /--font: found "Times New Roman", expected Source Sans 3 or a .ttf or .otf file/,
  ],
  [
    'a font that is none',
    ['ledger', SCENARIO, '--font', SCENARIO],
    /--font: .*hostile-name.yaml is no font, expected a font in one .ttf or .otf file/,
  ],
];

for (const [title, args, message] of WRONG) {
  test(`${title} is refused`, async (t) => {
    const path = join(temporaryFolder(t), 'x.svg');
    const { code, err } = await runInProcess(['figure', ...args, '--output', path]);
    t.is(code, EXIT.wrongInput, err);
    t.regex(err, message);
    t.false(existsSync(path));
  });
}

test('the ending of the output is the format', async (t) => {
  const { code, err } = await runInProcess(['figure', 'ledger', SCENARIO, '--output', 'x.jpeg']);
  t.is(code, EXIT.wrongInput);
  t.regex(err, /--output: found "x.jpeg", expected a name that ends in .pdf, .svg or .png/);
  const none = await runInProcess(['figure', 'ledger', SCENARIO]);
  t.regex(none.err, /--output: is missing, expected a name such as figure.pdf/);
});

test('a sweep has lines of policies, and one policy over two fields a heat map', async (t) => {
  const folder = temporaryFolder(t);
  const results = join(folder, 'small.duckdb');
  const sweep = projectFile('test/fixtures/sweeps/small.yaml');
  t.is((await runInProcess(['sweep', sweep, '--output', results, '--workers', '1'])).code, EXIT.ok);
  const draw = async (file: string, ...more: string[]) => {
    const path = join(folder, file);
    const { code, err } = await runInProcess([
      'figure',
      'sweep',
      results,
      '--output',
      path,
      ...more,
    ]);
    t.is(code, EXIT.ok, err);
    return readFileSync(path, 'utf8');
  };
  const lines = await draw('lines.svg');
  t.true(lines.includes('>zeus-global<') && lines.includes('>perseus<'));
  t.false(lines.includes('>max-frequency<'));
  t.is(await draw('again.svg'), lines);
  const heat = await draw('heat.svg', '--policies', 'perseus');
  t.false(heat.includes('>zeus-global<'));
  t.true([...heat.matchAll(/<rect/g)].length > 10);
  const wrong = join(folder, 'x.svg');
  const { code, err } = await runInProcess(['figure', 'sweep', sweep, '--output', wrong]);
  t.is(code, EXIT.wrongInput);
  t.regex(err, /small.yaml: is a sweep, expected a file of results \(DuckDB\)/);
});
