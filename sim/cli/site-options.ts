import { OUTPUT } from './common-options.js';
import { declare, format, optionalNumber } from './declare.js';

export const site = declare({
  name: 'site',
  about: 'fill the megawatts of a site: with pipelines of a job, or with jobs that share them',
  arguments: [['<file.yaml>', 'a scenario with a site, or a site with jobs']],
  options: {
    '--mw': optionalNumber('<MW>', 'megawatts of the site, instead of those of the file', {
      quantity: 'siteMW',
    }),
    '--format': format('table', 'csv', 'json'),
    '--output': OUTPUT,
  },
  remarks: [
    'Without megawatts, of a scenario: only the point of least energy, with and without what surrounds the GPUs.',
  ],
  example: 'pipewatt site scenarios/what-if/site-megawatts.yaml',
});
