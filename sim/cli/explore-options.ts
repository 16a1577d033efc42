import { declare, neededText, number } from './declare.js';

const HIGHEST_PORT = 65_535;

export const explore = declare({
  name: 'explore',
  about: 'the what-if page: serve it to a browser, until stopped',
  arguments: [['[scenario.yaml]', 'a scenario to open; its first step if left out']],
  options: {
    '--port': number(
      '<n>',
      'where; 0 is any port that is free',
      { min: 0, max: HIGHEST_PORT, whole: true },
      '4200',
    ),
    '--host': neededText(
      '<host>',
      'name or address of this machine',
      'a name or address of this machine',
      '127.0.0.1',
    ),
  },
  example: 'pipewatt explore scenarios/quick-start.yaml',
});
