import { REPORT } from './common-options.js';
import { declare, format, text } from './declare.js';

export const reproduce = declare({
  name: 'reproduce',
  about: "the paper's tables and figures beside ours, as Markdown, CSV and SVG",
  arguments: [['[table]', 'table1, table3 … table6, figure7, figure8, figure9 or all', 'all']],
  options: {
    '--output': text('<folder>', 'where to write', { default: 'results' }),
    '--format': format('markdown', 'latex'),
    '--profiles': text('<folder>', "plan from the artifact's raw stage profiles instead of curves"),
    '--measured': text(
      '<folder>',
      'executed plans to draw into figure 9, as fit-runs reads them; or a folder of such folders',
    ),
    '--report': REPORT,
  },
});
