import type { LiveConnection } from '../../run/live-plans.js';
import type { ScenarioProfile } from '../../scenario/scenario-setting.js';
import { JobCalls, registeredJob } from './control-answers.js';
import type { ControlServer } from './control-server.js';
import { ControlledRun } from './controlled-run.js';
import type { UPLOADS } from './uploads.js';
import { clocksOfStages, degreesOf, ranksOf } from './simulated-ranks.js';
import { uploadedProfile, uploadedScenario } from './uploaded-job.js';

/** The choices of a controlled run. */
export interface ControlWishes {
  readonly server: ControlServer;
  /** The scenario's profile. */
  readonly source: ScenarioProfile;
  /** Policy that the server is asked to plan with; its own if undefined. */
  readonly policy: string | undefined;
  readonly upload: (typeof UPLOADS)[number];
  /** Receives sentences on what goes on. */
  readonly tell: (sentence: string) => void;
}

/** Connects the simulated ranks of a job with a server that plans for it. */
export function controlConnection(wishes: ControlWishes): LiveConnection {
  const { server, source, policy, upload, tell } = wishes;
  return async (setting) => {
    const degrees = degreesOf(setting);
    const ranks = ranksOf(degrees);
    const clocks = clocksOfStages(setting);
    const { microbatches } = setting.scenario.pipeline;
    const id = await registeredJob(server, degrees, `microbatches=${microbatches}`);
    const calls = new JobCalls(server, id);
    await Promise.all(
      ranks.map(({ rank, dp, pp, tp }) =>
        calls.registerRank({
          ...{ rank, dp_rank: dp, pp_rank: pp, tp_rank: tp },
          available_frequencies: clocks[pp],
        }),
      ),
    );
    if (upload !== 'nothing') await calls.putScenario(uploadedScenario(setting, source));
    if (upload === 'profile') await calls.putProfile(uploadedProfile(source.profile), policy);
    const run = new ControlledRun({ server, calls, setting, ranks });
    const live = await run.begin();
    const profiled =
      run.profilingIterations === 0 ? '' : `, profiled in ${run.profilingIterations} iterations`;
    tell(`job ${id}: ${ranks.length} ranks under ${server.name}${profiled}`);
    return live;
  };
}
