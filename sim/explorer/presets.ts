import { scenarioSchema, type Scenario } from '../scenario/scenario-schema.js';

/** A job to begin with, by the name that people say. */
export interface Preset {
  readonly title: string;
  readonly scenario: () => Scenario;
}

/** Presets under one heading. */
export interface PresetGroup {
  readonly title: string;
  readonly presets: readonly Preset[];
}

function preset(title: string, input: object): Preset {
  return { title, scenario: () => scenarioSchema.parse(input) };
}

/** A model of the paper's strong scaling: 8 stages on tensor parallel 8, 24 microbatches, 64 pipelines. */
function large(title: string, catalog: string): Preset {
  return preset(title, {
    name: catalog,
    profile: { catalog },
    pipeline: { stages: 8, microbatches: 24 },
    tensorParallel: 8,
    pipelines: 64,
    stragglers: [{ pipeline: 0, slowdown: 1.2 }],
  });
}

/** A job of the paper that was measured with all of its overheads. */
function measured(title: string, catalog: string, stages: number, microbatches: number): Preset {
  return preset(title, { name: catalog, profile: { catalog }, pipeline: { stages, microbatches } });
}

/** A job of today, whose profile is made from its operators. */
function modern(
  title: string,
  [model, gpu]: readonly [model: string, gpu: string],
  size: { stages: number; microbatches: number; tensorParallel: number; pipelines: number },
  more: { profile?: object; pipeline?: object } = {},
): Preset {
  const { stages, microbatches, tensorParallel, pipelines } = size;
  return preset(title, {
    name: `${model}-${gpu}`,
    profile: { model, gpu, microbatch: 1, ...more.profile },
    pipeline: { stages, microbatches, ...more.pipeline },
    ...{ tensorParallel, pipelines },
    stragglers: [{ pipeline: 0, slowdown: 1.1 }],
  });
}

/** All presets. */
export const PRESETS: readonly PresetGroup[] = [
  {
    title: 'Of the Perseus paper',
    presets: [
      large('GPT-3 175B on 4,096 A100s', 'gpt3-175b-a100-sxm'),
      large('GPT-3 175B on 4,096 A40s', 'gpt3-175b-a40'),
      large('BLOOM 176B on 4,096 A100s', 'bloom-176b-a100-sxm'),
      large('BLOOM 176B on 4,096 A40s', 'bloom-176b-a40'),
      measured('GPT-3 1.3B on four A100s', 'a100-gpt3-xl-dp1-pp4-tp1', 4, 128),
      measured('BERT 1.3B on four A100s', 'a100-bert-huge-uncased-dp1-pp4-tp1', 4, 32),
      measured('T5 3B on four A100s', 'a100-t5-3b-dp1-pp4-tp1', 4, 32),
      measured('Bloom 3B on eight A40s', 'a40-bloom-3b-dp1-pp8-tp1', 8, 128),
    ],
  },
  {
    title: 'Of today',
    presets: [
      modern('Llama 3 70B on 1,024 H100s', ['llama-3-70b', 'h100-sxm'], {
        ...{ stages: 8, microbatches: 32, tensorParallel: 8, pipelines: 16 },
      }),
      modern('Llama 3 405B on 16,384 H100s', ['llama-3-405b', 'h100-sxm'], {
        ...{ stages: 16, microbatches: 16, tensorParallel: 8, pipelines: 128 },
      }),
      modern('Llama 3 70B on 512 B200s', ['llama-3-70b', 'b200-sxm'], {
        ...{ stages: 4, microbatches: 16, tensorParallel: 8, pipelines: 16 },
      }),
      modern(
        'DeepSeek V3 (experts) on 512 H100s',
        ['deepseek-v3', 'h100-sxm'],
        { stages: 8, microbatches: 128, tensorParallel: 2, pipelines: 32 },
        { profile: { expertParallel: 64, sequence: 4096, recompute: 'selective' } },
      ),
    ],
  },
];
