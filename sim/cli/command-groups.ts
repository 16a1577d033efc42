/** Examples of the whole program, for a first look. */
export const EXAMPLES: readonly string[] = [
  'pipewatt run quick-start',
  'pipewatt init job.yaml && pipewatt run job.yaml --report run.html',
  'pipewatt list scenarios',
];

/** Commands that the help shows together. */
interface CommandGroup {
  readonly heading: string;
  readonly names: readonly string[];
}

/** The groups of the help, in order. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  {
    heading: 'Ask what if:',
    names: ['run', 'init', 'list', 'explore', 'sweep', 'results', 'worker'],
  },
  { heading: 'Clocks for a job:', names: ['plan', 'serve', 'import', 'power', 'replay'] },
  { heading: 'Sites and prices:', names: ['site', 'schedule'] },
  {
    heading: 'Profiles and models:',
    names: ['synth', 'predict', 'partition', 'fit', 'fit-runs', 'validate'],
  },
  {
    heading: 'Planners and papers:',
    names: ['compare', 'robustness', 'reproduce', 'figure'],
  },
];

/** The heading of all other commands. */
export const OTHER_COMMANDS = 'For programs:';
