import { PROFILED_KINDS, type StageProfile } from '../../src/profile/stage-profile.js';

/** A profile as CSV. */
export function profileText({ stages }: StageProfile): string {
  const rows = stages.flatMap((options, stage) =>
    PROFILED_KINDS.flatMap((kind) =>
      options[kind].map((o) => [stage, kind, o.frequencyMHz, o.timeS, o.energyJ].join(',')),
    ),
  );
  return ['stage,instruction,frequency,time,energy', ...rows, ''].join('\n');
}
