import { readFileSync } from 'node:fs';
import { most } from '../../src/extremes.js';
import { SCHEDULES } from '../../src/pipeline/schedules.js';
import { POLICY_NAMES } from '../../src/planner/policy-names.js';
import { visibleLine } from '../../src/visible.js';
import { suggestion, understood } from '../../src/vocabulary.js';
import { catalogOnDisk } from '../disk/catalog-files.js';
import { shippedScenarios } from '../disk/shipped-scenarios.js';
import type { CatalogFolder } from '../hardware/catalog-library.js';
import { SUITE_NAMES } from '../judge/suite-names.js';
import { brokenText, COLUMN_GAP, LINE_COLUMNS, widthOf, wrapped } from '../report/text/wrapped.js';
import { readYaml } from '../scenario/yaml-file.js';
import type { Call } from './declare.js';
import { printed } from './formats.js';
import { LISTED_KINDS, type list as declared } from './list-options.js';
import { OptionReader } from './options.js';

type ListedKind = (typeof LISTED_KINDS)[number];

/** A name, and what it stands for. */
interface Listed {
  readonly name: string;
  readonly about: string;
}

/** Where each kind of name can be used. */
const USES: Readonly<Record<ListedKind, string>> = {
  scenarios: 'pipewatt run NAME runs one.',
  catalog: 'A scenario takes one as profile: { catalog: NAME }.',
  gpus: 'A scenario takes one as profile: { model: MODEL, gpu: NAME, … }; synth and predict as --gpu.',
  models: 'A scenario takes one as profile: { model: NAME, gpu: GPU, … }; synth as --model.',
  policies: 'A scenario compares them as policies: [NAME, …]; run takes --policies NAME,NAME.',
  schedules: 'A scenario takes one as pipeline: { schedule: NAME, … }.',
  suites: 'compare and robustness take one as --suite NAME.',
};

const POLICY_ABOUT: Readonly<Record<(typeof POLICY_NAMES)[number], string>> = {
  'max-frequency': 'every GPU at its highest clock; the others are compared with it',
  'zeus-global': 'one power limit for all GPUs (Zeus, NSDI ’23)',
  'zeus-per-stage': 'one power limit for each stage, so that stages take equally long',
  envpipe: 'slows what is not on the outer path of 1F1B (EnvPipe, ATC ’23)',
  perseus: 'the frontier of time and energy of a whole pipeline (Perseus, SOSP ’24)',
  'perseus-hull': 'the same on the lower hull of the options of each instruction',
  'perseus-flat': 'plans of the same time whose power swings least',
};

const SUITE_ABOUT: Readonly<Record<(typeof SUITE_NAMES)[number], string>> = {
  smoke: 'edge cases and random pipelines, in seconds',
  paper: 'the jobs of the Perseus paper',
  measured: 'jobs whose plans were measured',
  wild: 'random pipelines as users have them',
  adversarial: 'pipelines at the edges, on which planners break',
  tiny: 'pipelines so small that the best choice of clocks can be found',
};

const CONTENTS: Readonly<Record<ListedKind, () => readonly Listed[]>> = {
  scenarios: () =>
    shippedScenarios().map(({ name, path }) => ({
      ...{ name, about: firstSentence(fieldsOf(readFileSync(path, 'utf8'), path).description) },
    })),
  catalog: () => [
    ...described('entries', ({ model, gpu }) => `${model!} on ${gpu!}: fitted curves`),
    ...described('measured', ({ gpu }) => `a job whose plans were measured on ${gpu!}`),
  ],
  gpus: () => described('gpus', ({ name }) => name!),
  models: () => [
    ...described('models', ({ name }) => name!),
    ...described('configs', () => 'as Hugging Face describes it'),
  ],
  policies: () => POLICY_NAMES.map((name) => ({ name, about: POLICY_ABOUT[name] })),
  schedules: () =>
    SCHEDULES.map(({ name, title, aliases }) => ({
      ...{ name, about: `${title}; also ${aliases.join(', ')}` },
    })),
  suites: () => SUITE_NAMES.map((name) => ({ name, about: SUITE_ABOUT[name] })),
};

/** `pipewatt list KIND`: names what comes with the program, with a few words on each. */
export async function listCommand(call: Call<typeof declared>): Promise<void> {
  const options = new OptionReader(call);
  const format = options.get('--format');
  const [word = ''] = call.args;
  const kind = understood({ names: LISTED_KINDS }, word);
  if (kind === undefined) {
    const hint = suggestion({ names: LISTED_KINDS }, word);
    options.complain('kind', `found "${word}", expected ${LISTED_KINDS.join(', ')}${hint}`);
  }
  options.finish();
  const found = CONTENTS[kind!]();
  call.terminal.out(
    await printed(format, {
      table: () => tableOf(found, kind!),
      json: () => found,
      csv: () => found.map(({ name, about }) => ({ name, about })),
    }),
  );
}

/** A name on each line, with a few words beside it that may need several lines. */
function tableOf(found: readonly Listed[], kind: ListedKind): string {
  const width = most(found.map(({ name }) => widthOf(name))) + COLUMN_GAP;
  const rows = found.flatMap(({ name, about }) => {
    const lines = brokenText(visibleLine(about), LINE_COLUMNS - width).split('\n');
    return lines.map((line, k) => `${(k === 0 ? name : '').padEnd(width)}${line}`.trimEnd());
  });
  const others = LISTED_KINDS.filter((other) => other !== kind).join(', ');
  return [
    ...rows,
    '',
    ...wrapped(USES[kind]),
    ...wrapped(`pipewatt list also names ${others}.`),
    '',
  ].join('\n');
}

/** Texts of a description of the catalog, or of a scenario, by field. */
type Fields = Readonly<Partial<Record<'name' | 'model' | 'gpu' | 'description', string>>>;

function fieldsOf(text: string, source: string): Fields {
  return readYaml(text, source).value as Fields;
}

function described(folder: CatalogFolder, about: (fields: Fields) => string): Listed[] {
  return CATALOG.names(folder).map((name) => ({
    ...{ name, about: about(fieldsOf(CATALOG.text(folder, name), name)) },
  }));
}

/** The catalog that comes with the program. */
const CATALOG = catalogOnDisk(() => undefined);

function firstSentence(text = ''): string {
  return /^.*?[.:](?=\s|$)/s.exec(text)?.[0].replace(/[.:]$/, '') ?? text.trim();
}
