import { stringify } from 'yaml';
import type { InitAnswers } from './init-questions.js';

/** A scenario with the reason for each field. @param name of the job. @param file in its first line. */
export function initScenario(answers: InitAnswers, name: string, file: string): string {
  const { schedule, stages, microbatches, tensorParallel, pipelines } = answers;
  return [
    `# pipewatt run ${file} runs it; --explain says how its figures are meant.`,
    '# All fields are in docs/scenarios.md; pipewatt schema prints their JSON Schema.',
    `name: ${asYaml(name)}`,
    ...profileLines(answers),
    'pipeline:',
    '  # Order of instructions: pipewatt list schedules',
    `  schedule: ${asYaml(schedule)}`,
    '  # Parts into which the model is cut, one behind the other',
    `  stages: ${stages}`,
    '  # Parts of a batch that pass through the stages in each iteration',
    `  microbatches: ${microbatches}`,
    '# GPUs that share each stage',
    `tensorParallel: ${tensorParallel}`,
    '# Copies of the pipeline that train together, and wait for the slowest (data parallel)',
    `pipelines: ${pipelines}`,
    ...stragglerLines(answers),
    '# Plans to compare: pipewatt list policies',
    'policies: [max-frequency, zeus-global, perseus]',
    '',
  ].join('\n');
}

/** A text as YAML has it on one line, quoted if it would be read as something else. */
function asYaml(text: string): string {
  return stringify(text, { lineWidth: 0 }).trimEnd();
}

function profileLines({ source, catalog, model, gpu, microbatch }: InitAnswers): string[] {
  if (source === 'catalog') {
    return [
      '# Time and power of every stage at each clock: pipewatt list catalog',
      'profile:',
      `  catalog: ${asYaml(catalog)}`,
    ];
  }
  return [
    '# Time and power of every stage at each clock, made from the operators of the model. A profile',
    '# that you measured is better: { csv: PROFILE.csv, blockingPowerW: W }, see docs/measure-a-job.md.',
    'profile:',
    '  # pipewatt list models, pipewatt list gpus',
    `  model: ${asYaml(model)}`,
    `  gpu: ${asYaml(gpu)}`,
    '  # Sequences in a microbatch',
    `  microbatch: ${microbatch}`,
  ];
}

function stragglerLines({ slowdown }: InitAnswers): string[] {
  if (slowdown === 1) return ['# No pipeline is slower than the others.', 'stragglers: []'];
  return [
    '# Pipelines that are slower than the others, which wait for them',
    'stragglers:',
    '  - pipeline: 0',
    `    slowdown: ${slowdown}`,
    '    # Its GPUs compute all the time; of other causes they wait, too: docs/scenarios.md',
    '    cause: busy',
  ];
}
