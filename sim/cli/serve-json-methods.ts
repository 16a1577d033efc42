import { stringify } from 'yaml';
import * as z from 'zod';
import { reportScript } from '../disk/report-script.js';
import { BrokenPlannerError, InputError } from '../../src/errors.js';
import { suggestion, understood } from '../../src/vocabulary.js';
import type { PlannerModule, Plans } from '../../src/planner/planner.js';
import { shippedScenarios } from '../disk/shipped-scenarios.js';
import { faultDocument } from '../faults/fault-document.js';
import { faultStudy } from '../faults/fault-study.js';
import { catalogNames } from '../library/catalog.js';
import { checkedOptions } from '../library/checked-options.js';
import { LastingRuns } from '../library/lasting-runs.js';
import { frontierOf, type PlanOptions } from '../library/plans.js';
import { predictJobs, type JobToPredict } from '../library/predictions.js';
import { synthesizeProfile, type SynthesisOptions } from '../library/profiles.js';
import { profileRows } from '../library/profile-rows.js';
import { Recent } from '../library/recent.js';
import { replayTrace } from '../library/replays.js';
import { shownRun, type SimulatedRun } from '../library/runs.js';
import { checkedSweep, readSweep, sweepRuns, type SweepInput } from '../library/sweeps.js';
import { plansFromDocument, problemDocument } from '../plugins/planner-json.js';
import { PICTURE_NAMES } from '../report/charts/picture-names.js';
import { flattenDocuments } from '../results/flatten-documents.js';
import { powerDocuments } from '../results/power-columns.js';
import type { ProgressListener } from '../run/run-scenario.js';
import type { RunWatch } from '../run/seed-run.js';
import { RecordedPower } from './serve-json-power.js';
import { givenScenario, SCENARIO_FIELDS } from './serve-json-scenario.js';
import { VERSION } from './version.js';

/** The version of the protocol: a change that breaks clients makes it larger. */
const PROTOCOL = 1;

/** Frontiers of profiles that are kept. */
const MOST_FRONTIERS = 8;

/** The means of a method besides its parameters. */
export interface CallContext {
  /** Sends a part of the answer before the result. */
  readonly tell: (part: object) => void;
  /** Asks a planner of the client's for its plans. @throws BrokenPlannerError if it has none. */
  readonly ask: (planner: string, problem: object) => unknown;
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

type Method = (params: object, call: CallContext) => object | Promise<object>;

const RUN_FIELDS = {
  ...SCENARIO_FIELDS,
  planners: z.array(z.string().min(1).max(100)).default([]),
  bound: z.boolean().default(true),
};
const scenarioSchema = z.strictObject(SCENARIO_FIELDS);
const runSchema = z.strictObject({ ...RUN_FIELDS, timeline: z.boolean().default(false) });
const pictureSchema = z.strictObject({ ...RUN_FIELDS, picture: z.enum(PICTURE_NAMES) });
const reportSchema = z.strictObject(RUN_FIELDS);
const powerSchema = z.strictObject({
  ...RUN_FIELDS,
  everyS: z.number().min(1e-4).max(1e6).default(0.01),
});
const sweepSchema = z.strictObject({
  sweep: z.record(z.string(), z.unknown()).optional(),
  file: z.string().min(1).optional(),
  workers: z.int().optional(),
});

/** The methods of requests, and the frontiers that their calls share. */
export class Methods {
  private readonly runs = new LastingRuns();
  private readonly frontiers = new Recent<Plans>(MOST_FRONTIERS);

  private readonly table: Readonly<Record<string, Method>> = {
    version: () => ({ pipewatt: VERSION, protocol: PROTOCOL, methods: this.names }),
    catalog: async () => ({
      ...(await catalogNames()),
      scenarios: shippedScenarios().map(({ name }) => name),
    }),
    scenario: (params) => this.scenario(params),
    profile: (params) => this.profile(params),
    run: (params, call) => this.run(params, call),
    picture: (params, call) => this.picture(params, call),
    report: (params, call) => this.report(params, call),
    power: (params, call) => this.power(params, call),
    plan: (params) => this.plan(params),
    sweep: (params, call) => sweep(params, call),
    synth: (params) => synthesizeProfile(params as SynthesisOptions),
    predict: ({ jobs, ...others }: { jobs?: JobToPredict[] }) => {
      checkedOptions(z.strictObject({}), others, 'predict');
      return predictJobs(jobs!);
    },
    replay: ({ path, ...options }: { path?: string }) => replayTrace(path!, options),
  };

  get names(): readonly string[] {
    return Object.keys(this.table);
  }

  /** @throws InputError if there is no such method, or its parameters are wrong. */
  async call(method: string, params: object, context: CallContext): Promise<object> {
    const { names } = this;
    if (!names.includes(method)) {
      const near = understood({ names }, method) === undefined ? suggestion({ names }, method) : '';
      const message = `found "${method}", expected ${names.join(', ')}${near}`;
      throw InputError.of({ source: 'request', field: 'method', message });
    }
    return this.table[method]!(params, context);
  }

  private scenario(params: object): object {
    const fields = checkedOptions(scenarioSchema, params, 'scenario');
    return { scenario: this.runs.load(givenScenario(fields, 'scenario')).scenario };
  }

  /** The profile that a scenario names, whose times and energies are to be multiplied by `scale`. */
  private profile(params: object): object {
    const fields = checkedOptions(scenarioSchema, params, 'profile');
    const { scenario, profile: source } = this.runs.load(givenScenario(fields, 'profile'));
    const { title, blockingPowerW, profile } = source;
    return {
      ...{ title, blockingPowerW, scale: scenario.scale ?? source.scale },
      rows: profileRows(profile),
    };
  }

  private async run(params: object, call: CallContext): Promise<object> {
    const { timeline, ...asked } = checkedOptions(runSchema, params, 'run');
    const { result, given } = await this.simulated(asked, 'run', call);
    const faults = faultStudy(result, given.source);
    return {
      ...shownRun(result, timeline),
      ...(faults && { faults: faultDocument(faults) }),
      ...(result.power && { power: powerDocuments(result) }),
      ...(result.flattened && { flattened: flattenDocuments(result) }),
    };
  }

  private async picture(params: object, call: CallContext): Promise<object> {
    const { picture, ...asked } = checkedOptions(pictureSchema, params, 'picture');
    const { result } = await this.simulated(asked, 'picture', call);
    const { runPictures } = await import('../report/charts/run-pictures.js');
    const drawn = runPictures(result, result.kept);
    return { svg: drawn.find(([name]) => name === picture)![1] };
  }

  private async report(params: object, call: CallContext): Promise<object> {
    const asked = checkedOptions(reportSchema, params, 'report');
    const { result, given } = await this.simulated(asked, 'report', call);
    const { runReport } = await import('../viewer/pages/run-report.js');
    const text = 'yaml' in given.content ? given.content.yaml : stringify(given.content.object);
    const file = given.source.endsWith('.yaml') ? given.source : `${given.source}.yaml`;
    const source = { version: VERSION, script: reportScript(), file, text };
    return { html: runReport(result, result.kept, source) };
  }

  private async power(params: object, call: CallContext): Promise<object> {
    const { everyS, ...asked } = checkedOptions(powerSchema, params, 'power');
    const watch = new RecordedPower(everyS, 'power');
    const { result } = await this.simulated(asked, 'power', call, watch);
    return watch.series(result.policies.map(({ policy }) => policy));
  }

  private plan(params: object): object {
    return frontierOf(params as PlanOptions, (key, make) => {
      const plans = this.frontiers.get(key) ?? make();
      this.frontiers.set(key, plans);
      return plans;
    });
  }

  private async simulated(
    fields: z.output<typeof reportSchema>,
    name: string,
    { ask, onProgress }: CallContext,
    watch?: RunWatch,
  ): Promise<{
    readonly result: SimulatedRun;
    readonly given: ReturnType<typeof givenScenario>;
  }> {
    const given = givenScenario(fields, name);
    const planners = fields.planners.map((planner) => askedPlanner(planner, ask));
    const loaded = this.runs.load(given);
    const wishes = { planners, wantsBound: fields.bound, onProgress, watch };
    return { given, result: await this.runs.run(loaded, name, wishes) };
  }
}

/** A planner of the client's, which is asked for its plans as a command is. */
function askedPlanner(name: string, ask: CallContext['ask']): PlannerModule {
  return {
    name,
    plan: (problem) => {
      const plans = ask(name, problemDocument(problem));
      try {
        return plansFromDocument(plans, problem);
      } catch (error) {
        throw new BrokenPlannerError(`planner ${name}: ${(error as Error).message}`);
      }
    },
  };
}

/** Streams the runs of a sweep, in order. */
async function sweep(params: object, { tell, signal }: CallContext): Promise<object> {
  const { sweep: given, file, workers } = checkedOptions(sweepSchema, params, 'sweep');
  if ((given === undefined) === (file === undefined)) {
    throw InputError.of({ source: 'sweep', message: 'expected either sweep or file' });
  }
  const asked = file === undefined ? (given as unknown as SweepInput) : await readSweep(file);
  const checked = checkedSweep(asked, workers === undefined ? {} : { workers });
  let failed = 0;
  for await (const run of sweepRuns(checked, signal)) {
    if (run.error !== null) failed++;
    tell({ run });
  }
  return { runs: checked.runs.length, failed };
}
