import { runLoad, type Load } from './load.js';

/** A load in a process of its own: the argument is a `Load`, the output a `LoadResult`, as JSON. */
process.stdout.write(JSON.stringify(await runLoad(JSON.parse(process.argv[2]!) as Load)));
