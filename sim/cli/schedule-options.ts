import { OUTPUT } from './common-options.js';
import { declare, format, text } from './declare.js';

export const schedule = declare({
  name: 'schedule',
  about: 'the clocks of every hour, by prices, carbon and limits, for work that has a date',
  arguments: [['<scenario.yaml>', 'with a section signals']],
  options: {
    '--format': format('table', ['csv', 'the plan'], 'json'),
    '--output': OUTPUT,
    '--clocks': text('<folder>', 'also write the clocks of each pace, as freqs_pipeline files'),
    '--power': text('<file>', 'also write the power over time that is paid for: t_s,power_W'),
  },
  remarks: [
    'Files of prices, carbon and limits are tables as Electricity Maps, WattTime, ENTSO-E and Vessim write them; docs/schedule.md says how they are read.',
  ],
  example: 'pipewatt schedule scenarios/what-if/schedule-by-price.yaml',
});
