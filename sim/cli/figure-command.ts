import { scenarioPath } from '../disk/shipped-scenarios.js';
import { InputError } from '../../src/errors.js';
import type { ProblemGathering } from '../../src/problem-list.js';
import { suggestion, understood } from '../../src/vocabulary.js';
import { POLICY_VOCABULARY, type PolicyName } from '../../src/planner/policy-names.js';
import type { FileKind } from '../../src/file-kinds.js';
import { RUN_FIGURES, TABLE_FIGURES, type Drawing } from '../figures/draw-figure.js';
import { figureFile } from '../figures/figure-file.js';
import { SCREEN_STYLE, type ChartStyle } from '../report/charts/chart-style.js';
import { FOR_PICTURES } from '../run/kept-run.js';
import { runScenario } from '../run/run-scenario.js';
import { contradictions } from '../scenario/contradictions.js';
import { loadScenario } from '../scenario/scenario.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { namedFont } from './figure-fonts.js';
import type { figure as declared } from './figure-options.js';
import { figureWish, type FigureWish } from './figure-wish.js';
import { OptionReader } from './options.js';
import { progressBar } from './progress.js';
import type { Terminal } from './terminal.js';

/** The smallest letters on paper. */
const LEAST_PT = 6;

/** A figure whose input is read and right. */
interface ReadFigure {
  readonly title: string;
  /** Makes what takes long, and returns what draws it in a style. */
  readonly make: (terminal: Terminal) => Promise<(style: ChartStyle) => string>;
}

/** `pipewatt figure FIGURE INPUT`: draws one picture for a paper. */
export async function figureCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const [asked, path] = call.args;
  const options = new OptionReader(call);
  const wish = figureWish(asked, options);
  const files = new CommandFiles(call);
  files.writes('--output', wish.output);
  const gathering = options.gathered();
  const font = gathering.attempt(() =>
    namedFont(options.get('--font'), options.at('--font'), files),
  );
  const read = await readFigure(path, wish, { files, gathering, options });
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  const { widthPt, heightPt, fontPt } = wish;
  const draw = await read!.make(terminal);
  // Drawn as on a screen and scaled, so that lines and marks suit the letters.
  const { fontPx } = SCREEN_STYLE;
  const pointsPerPx = fontPt / fontPx;
  const picture = draw({
    ...{ widthPx: widthPt / pointsPerPx, fontPx, leastFontPx: LEAST_PT / pointsPerPx },
    ...{ fontFamily: font!.family, textEm: font!.textEm },
    ...(heightPt !== undefined && { heightPx: heightPt / pointsPerPx }),
  });
  const bytes = await figureFile(picture, {
    ...{ format: wish.format, font: font!, dpi: wish.dpi, pointsPerPx, title: read!.title },
    at: (flag) => options.at(flag),
  });
  await files.writeBytes(wish.output, [bytes]);
}

interface Reading {
  readonly files: CommandFiles;
  readonly gathering: ProblemGathering;
  readonly options: OptionReader<typeof declared>;
}

/** Reads and checks the input of a figure; undefined if it is wrong, with its problems gathered. */
async function readFigure(
  path: string,
  wish: FigureWish,
  reading: Reading,
): Promise<ReadFigure | undefined> {
  const { name } = wish;
  if (name === undefined) return undefined;
  if (name in RUN_FIGURES)
    return readRunFigure(scenarioPath(path), name as keyof typeof RUN_FIGURES, wish, reading);
  const { files, gathering } = reading;
  if (name !== 'sweep') {
    const table = name as keyof typeof TABLE_FIGURES;
    const read = gathering.attempt(() =>
      TABLE_FIGURES[table](files.read(path, TABLE_KINDS[table]), path),
    );
    return read && drawingOf({ ...read, name }, wish, reading);
  }
  files.reads(path);
  const sweep = await gathering.attemptAsync(async () => {
    // The database takes longer to load than other figures take to draw.
    const { readSweepFigure } = await import('./figure-sweep.js');
    return readSweepFigure(path);
  });
  return sweep && drawingOf({ ...sweep, name: `${sweep.name}: ${name}` }, wish, reading);
}

/** The kind of file that each figure of a table is made of. */
const TABLE_KINDS: Readonly<Record<keyof typeof TABLE_FIGURES, FileKind>> = {
  robustness: 'robustness',
  'paper-7': 'reproduced',
  'paper-8': 'reproduced',
  'paper-9': 'frontiers',
};

/** The figure of an input that is read, of the policies that were asked for. */
function drawingOf(
  { policies: known, drawing, name }: Drawing & { readonly name: string },
  { policies }: FigureWish,
  { gathering, options }: Reading,
): ReadFigure {
  if (policies !== undefined && known === undefined) {
    const message = `${name} always shows the same policies; leave it out`;
    gathering.add({ ...options.at('--policies'), message });
  }
  const chosen = gathering.attempt(() => chosenNames(policies, known ?? [], options));
  return { title: name, make: () => Promise.resolve(drawing(chosen)) };
}

function readRunFigure(
  path: string,
  name: keyof typeof RUN_FIGURES,
  { policies }: FigureWish,
  { files, gathering, options }: Reading,
): ReadFigure | undefined {
  const loaded = gathering.attempt(() =>
    loadScenario(files.read(path, 'scenario'), path, files.library),
  );
  const chosen = gathering.attempt(() => chosenNames(policies, POLICY_VOCABULARY.names, options));
  if (loaded === undefined) return undefined;
  const { scenario, profile } = loaded;
  const asked = chosen === undefined ? scenario : { ...scenario, policies: compared(chosen) };
  // The file's own policies are right.
  const misfits = contradictions(asked).filter(({ path: at }) => at[0] === 'policies');
  gathering.add(...misfits.map(({ message }) => ({ ...options.at('--policies'), message })));
  return {
    title: `${scenario.name}: ${name}`,
    make: async (terminal) => {
      const progress = progressBar(terminal);
      try {
        const onProgress = progress.update;
        const run = await runScenario(asked, profile, {
          keep: FOR_PICTURES,
          isAlone: true,
          onProgress,
        });
        const isShown = (policy: string) => chosen?.some((each) => each === policy) ?? true;
        return (style) => RUN_FIGURES[name](run, style, isShown);
      } finally {
        progress.stop();
      }
    },
  };
}

/** Policies and max-frequency, with which every saving is compared, whether it is shown or not. */
function compared(policies: readonly PolicyName[]): PolicyName[] {
  return policies.includes('max-frequency') ? [...policies] : ['max-frequency', ...policies];
}

/** The policies asked for, as they are spelt here. @throws InputError if one is unknown. */
function chosenNames<T extends string>(
  asked: readonly string[] | undefined,
  names: readonly T[],
  options: OptionReader<typeof declared>,
): T[] | undefined {
  if (asked === undefined || names.length === 0) return undefined;
  const vocabulary = { ...POLICY_VOCABULARY, names } as {
    names: readonly T[];
    aliases: Record<string, T>;
  };
  const found = asked.map((name) => understood(vocabulary, name));
  const problems = asked.flatMap((name, k) =>
    found[k] === undefined || !names.includes(found[k])
      ? [
          {
            ...options.at('--policies'),
            message: `found "${name}", expected ${names.join(', ')}${suggestion({ names }, name)}`,
          },
        ]
      : [],
  );
  if (problems.length > 0) throw new InputError(problems);
  const again = found.findIndex((name, k) => found.indexOf(name) < k);
  if (again >= 0) {
    const [first, second] = [asked[found.indexOf(found[again])]!, asked[again]!];
    const message = `found "${first}" and "${second}", which are both ${found[again]!}, expected it once`;
    throw InputError.of({ ...options.at('--policies'), message });
  }
  return found as T[];
}
