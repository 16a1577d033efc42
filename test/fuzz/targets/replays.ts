import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { FuzzInput } from '../fuzz-input.js';
import { hostileText, writtenNumber } from '../hostile.js';
import { firstOf, notFinite, type Ended } from '../oracle.js';
import { profileCsv } from '../small-scenarios.js';
import { commandLine, type FuzzTarget } from '../target.js';
import { anyTrace, RIGHT_TRACE } from './traces.js';

const BAD_NAMES = ['folder', 't.parquet', 'nowhere/r.html', 'r.txt', 'p.csv', ''];

const named = (...names: readonly string[]) =>
  fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: fc.constantFrom(...BAD_NAMES) },
    { weight: 1, arbitrary: hostileText },
  );
const report = named('r.html', 'folder/r.html');
const traceFile = named('r.json', 'r.json.gz');

const anyStep = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('0', '1', '01') },
  { weight: 2, arbitrary: fc.constantFrom('2', '1.5', '-1', '1e99', '', 'x') },
  { weight: 2, arbitrary: writtenNumber },
);

const anyEnergy = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      [],
      ['--catalog', 'bloom-176b-a40'],
      ['--profile', 'p.csv', '--blocking-power', '80'],
    ),
  },
  fc.constantFrom(['--profile', 'p.csv'], ['--catalog', 'bloom-176b-a40', '--profile', 'p.csv']),
  writtenNumber.map((gpus) => ['--catalog', 'bloom-176b-a40', '--tensor-parallel', gpus]),
  writtenNumber.map((powerW) => ['--catalog', 'bloom-176b-a40', '--blocking-power', powerW]),
);

const anyPicture = fc.oneof(
  { weight: 4, arbitrary: report.map((path) => ['--report', path]) },
  { weight: 2, arbitrary: traceFile.map((path) => ['--trace', path]) },
  {
    weight: 4,
    arbitrary: fc.tuple(report, anyStep).map(([path, step]) => ['--report', path, '--step', step]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(report, traceFile)
      .map(([path, trace]) => ['--report', path, '--trace', trace]),
  },
  { weight: 1, arbitrary: anyStep.map((step) => ['--step', step]) },
);

const anyFile = fc.oneof(
  { weight: 2, arbitrary: fc.constant(RIGHT_TRACE) },
  { weight: 1, arbitrary: anyTrace },
);

/** Reports and traces of the replay of a production trace. */
export const replays: FuzzTarget = {
  name: 'replays',
  share: 2,
  inputs: () =>
    fc.tuple(anyFile, anyEnergy, anyPicture).map(([file, energy, picture]) =>
      commandLine(['replay', 't.parquet', ...energy, ...picture], {
        ...{ 't.parquet': file, 'p.csv': profileCsv(2), 'folder/inside.txt': 'text\n' },
      }),
    ),
  outputs: ({ args }) => written(args),
  oracle: (input, ended) => (ended.code === 0 ? wrongPictures(input, ended) : undefined),
};

function written(args: readonly string[]): string[] {
  const named = args.filter((_, k) => args[k - 1] === '--report' || args[k - 1] === '--trace');
  // Half of a pair of characters is none in the name of a file.
  return named.map((path) => Buffer.from(path).toString());
}

/** What was asked for is not there, or has numbers that are none. */
function wrongPictures({ args }: FuzzInput, { out, err, changed }: Ended): string | undefined {
  if (out.startsWith('Usage:')) return undefined;
  return firstOf([
    /\b(?:NaN|Infinity|undefined|null)\b|\[object /.exec(out)?.[0],
    ...written(args).flatMap((path) => {
      if (path === '/dev/null') return [];
      const file = changed[path];
      return [
        file === undefined && `${path} is not written`,
        !err.includes('wrote ') && `says ${err}`,
        file !== undefined && (file.startsWith('<!') ? wrongPage(file) : wrongTrace(path, file)),
      ];
    }),
  ]);
}

/** Numbers that are none, outside of the program in the page. */
function wrongPage(page: string): string | undefined {
  const [drawn = ''] = page.replaceAll(/<style>[^]*?<\/style>/g, '').split('<script');
  const found = /\b(?:NaN|Infinity|undefined)\b|\[object /.exec(drawn);
  if (!page.trimEnd().endsWith('</html>')) return 'a page that has no end';
  return found === null ? undefined : drawn.slice(Math.max(0, found.index - 200), found.index + 20);
}

function wrongTrace(path: string, file: string): string | undefined {
  const bytes = Buffer.from(file, 'latin1');
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const { traceEvents } = JSON.parse(text) as { traceEvents: { ph: string; dur?: number }[] };
  return firstOf([
    traceEvents.length === 0 && 'a trace of nothing',
    notFinite(traceEvents, new Set())[0],
    traceEvents.some(({ ph, dur }) => ph === 'X' && !(dur! >= 0)) && 'a slice of no length',
  ]);
}
