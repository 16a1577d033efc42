import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { EXIT, runProgram } from '../../sim/cli/program.js';
import { guardedTerminal } from '../../sim/cli/terminal.js';
import { sweepProgress } from '../../sim/cli/sweep-progress.js';
import { comparisonMarkdown, comparisonText } from '../../sim/report/text/comparison-report.js';
import { toCsv } from '../../sim/results/csv.js';
import { csvText } from '../../sim/results/csv-text.js';
import { escapeMarkdown, escapeXml } from '../../sim/report/escape.js';
import { visible, visibleLine } from '../../src/visible.js';
import { projectFile } from '../support/files.js';

/** Clears the screen, sets the title, rings, overwrites the line, turns the writing round. */
const NASTY = '\u001b[2J\u001b]0;owned\u0007\r\u009b31m\u007f\u202eevil\u2066\u2028x\u0085\b';
const FORGED = 'x\nperseus removes 99 % of the energy';
/** All that may not reach a terminal; ends of lines may. */
// eslint-disable-next-line no-control-regex
const ACTED_ON = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;

test('characters that a terminal acts on are shown as escapes', (t) => {
  t.is(
    visibleLine(NASTY),
    '\\u001b[2J\\u001b]0;owned\\u0007\\r\\u009b31m\\u007f\\u202eevil\\u2066\\u2028x\\u0085\\u0008',
  );
  t.is(visibleLine('a\n\tb'), 'a\\n\\tb');
  t.is(visible('a\n\tb\u001b'), 'a\n\tb\\u001b');
  t.is(visible('GPT-3 × 8, 0.5 µs – “fine” 日本 🙂'), 'GPT-3 × 8, 0.5 µs – “fine” 日本 🙂');
  // In JSON the escape is the character itself.
  t.is(JSON.parse(visible(JSON.stringify(NASTY))), NASTY);
  for (let code = 0; code < 0x3000; code++) {
    t.false(ACTED_ON.test(visible(String.fromCharCode(code))), String(code));
  }
});

test('cells of a CSV are no formulas, and numbers stay numbers', (t) => {
  for (const text of ['=1+1', '+cmd|x', '-2+3', '@SUM(A1)', '＝1+1', '=HYPERLINK("x")']) {
    t.is(csvText(text), `'${text}`);
  }
  for (const text of ['-5', '+1.5e-3', 'perseus', "'quoted", 'a=b', '']) t.is(csvText(text), text);
  t.is(csvText('\t=1+1'), '\\t=1+1');
  t.is(
    toCsv([
      { name: '=1+1', '=head': -2.5, empty: null },
      { name: 'a\nb', '=head': 3, empty: '-1' },
    ]),
    "name,'=head,empty\n'=1+1,-2.5,\na\\nb,3,-1\n",
  );
});

test('Markdown, tables and XML hold no escapes and forge no lines', (t) => {
  t.is(escapeMarkdown('a\n## b <img>'), 'a\\n## b &lt;img>');
  t.is(escapeXml('a\u001b<b>\r\n"'), 'a\\u001b&lt;b&gt;\n&quot;');
  const made = [comparisonMarkdown, comparisonText].map((print) =>
    print({ base: FORGED, candidate: NASTY, suite: 'smoke', isTimed: false }, {
      ...{
        verdict: 'same',
        reason: 'no difference',
        metrics: [],
        distances: [],
        ...{ basePlanningS: 1, candidatePlanningS: 1 },
      },
      cases: [
        {
          ...{ name: FORGED, verdict: 'broken', broken: FORGED, distances: [] },
          differencePct: {},
        },
      ],
    } as never),
  );
  for (const text of made) {
    t.notRegex(text, ACTED_ON);
    t.notRegex(text, /^perseus removes/m);
  }
});

test('sentences do not tear a progress bar, nor do more than that', (t) => {
  const shown: string[] = [];
  const terminal = guardedTerminal({
    out: () => undefined,
    err: (text) => shown.push(text),
    wipeLine: () => shown.push('WIPE'),
    isWatched: true,
  });
  sweepProgress(terminal).say(`${NASTY}\nredis://u:hunter2@host is gone`);
  t.is(shown[0], 'WIPE');
  t.notRegex(shown.join(''), ACTED_ON);
  t.regex(shown[1]!, /\\nredis:\/\/u:\*\*\*@host is gone\n$/);
});

const PIPELINE = 'pipeline: {stages: 2, microbatches: 4}\n';
const yaml = (text: string) => JSON.stringify(text);

/** Files in which every name is nasty. */
function files(name: string): Readonly<Record<string, string>> {
  const profile = 'profile: {csv: p.csv, blockingPowerW: 80}\n';
  const model = readFileSync(projectFile('scenarios/catalog/models/llama-3-8b.yaml'), 'utf8');
  const gpu = readFileSync(projectFile('scenarios/catalog/gpus/a40.yaml'), 'utf8');
  const named = (text: string) => text.replace(/^name:.*$/m, `name: ${yaml(name)}`);
  return {
    'p.csv': readFileSync(projectFile('test/fixtures/good/two-stages.csv'), 'utf8'),
    'bad.csv': `stage,instruction,frequency,time,energy\n0,"${name.replaceAll('"', '')}",x,1,1\n`,
    'header.csv': `"${name}",instruction,frequency,time,energy\n0,forward,1,1,1\n`,
    's.yaml': `name: ${yaml(name)}\n${profile}${PIPELINE}`,
    'money.yaml': `name: s\n${profile}${PIPELINE}prices: {perKWh: 1, currency: ${yaml(name)}}\n`,
    'key.yaml': `${yaml(name)}: 1\nname: s\n${profile}${PIPELINE}`,
    'schedule.yaml': `name: s\n${profile}pipeline: {stages: 2, microbatches: 4, schedule: ${yaml(name)}}\n`,
    'none.yaml': `name: s\nprofile: {csv: ${yaml(name)}, blockingPowerW: 80}\n${PIPELINE}`,
    'catalog.yaml': `name: s\nprofile: {catalog: ${yaml(name)}}\n${PIPELINE}`,
    'badcsv.yaml': `name: s\nprofile: {csv: bad.csv, blockingPowerW: 80}\n${PIPELINE}`,
    'synth.yaml': `name: s\nprofile: {model: m.yaml, gpu: g.yaml, microbatch: 1}\n${PIPELINE}`,
    'm.yaml': named(model),
    'g.yaml': named(gpu),
    'sweep.yaml': `name: sw\nbase: s.yaml\nmatrix: {name: [${yaml(name)}, "=1+1", b]}\n`,
    'badsweep.yaml': `name: sw\nbase: s.yaml\nmatrix: {${yaml(name)}: [1]}\n`,
    'mine.js': `import { perseus } from ${yaml(projectFile('dist/src/planner/perseus/perseus.js'))};
export const planner = { ...perseus, name: ${yaml(name)} };\n`,
    'broken.js': `export const planner = { name: 'b', plan() { throw new Error(${yaml(name)}); } };\n`,
  };
}

const COMMANDS: readonly string[] = [
  'run s.yaml',
  'run s.yaml --format csv',
  'run s.yaml --format json',
  'run s.yaml --report r.html --trace t.json --pictures pictures --output o.txt',
  'run s.yaml --planner mine.js',
  'run s.yaml --planner broken.js',
  'run money.yaml',
  'run money.yaml --format csv',
  'run key.yaml',
  'run schedule.yaml',
  'run none.yaml',
  'run catalog.yaml',
  'run badcsv.yaml',
  'run synth.yaml',
  'plan bad.csv --microbatches 4 --blocking-power 80',
  'fit header.csv',
  'fit p.csv --format NAME',
  'fit NAME',
  'synth --model m.yaml --gpu g.yaml --stages 2 --microbatch 1 --format table',
  'synth --model NAME --gpu NAME --stages 2 --microbatch 1',
  'sweep badsweep.yaml --dry-run',
  'sweep sweep.yaml --workers 1 --output o.duckdb --export o.csv --report s.html',
  'results o.duckdb --group-by name',
  'results o.duckdb --best simulated_energy_j',
  'results o.duckdb --format csv --best simulated_energy_j',
  'results o.duckdb --group-by NAME',
  'results o.duckdb --sql NAME',
  'NAME',
  'run s.yaml --NAME',
];

for (const [what, name] of [
  ['escape sequences', NASTY],
  ['ends of lines', FORGED],
] as const) {
  test.serial(`names with ${what} do nothing, whatever they name`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'pipewatt-terminal-'));
    t.teardown(() => {
      rmSync(folder, { recursive: true });
    });
    const given = files(name);
    for (const [file, text] of Object.entries(given)) writeFileSync(join(folder, file), text);
    const check = (text: string, where: string) => {
      t.notRegex(text, ACTED_ON, where);
      // In a page, lines are those of its markup.
      if (!where.endsWith('.html')) t.notRegex(text, /^"?perseus removes 99/m, where);
    };
    for (const command of COMMANDS) {
      const args = command.split(' ').map((word) => {
        if (word.includes('NAME')) return word.replace('NAME', name);
        return /\.\w+$/.test(word) || word === 'pictures' ? join(folder, word) : word;
      });
      let shown = '';
      const add = (text: string) => (shown += text);
      const code = await runProgram(args, { out: add, err: add, isWatched: false });
      t.true(
        code === EXIT.ok || code === EXIT.wrongInput || code === EXIT.broken,
        `${command}: ${shown}`,
      );
      t.true(shown.length > 0, command);
      check(shown, command);
    }
    const written = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => !(file in given) && /\.(txt|html|json|svg|csv)$/.test(file),
    );
    t.true(written.length >= 9, written.join());
    for (const file of written) check(readFileSync(join(folder, file), 'utf8'), file);
    t.regex(readFileSync(join(folder, 'o.csv'), 'utf8'), /,'=1\+1,/);
  });
}
