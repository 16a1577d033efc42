import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnSync } from 'node:child_process';
import anyTest, { type TestFn } from 'ava';
import { InputError } from '../../src/errors.js';
import { runWithExternal } from '../../sim/plugins/external-planner.js';
import { judgeCases, checkLoadable } from '../../sim/plugins/judge-cases.js';
import {
  findPlanner,
  loadPlanner,
  readsTypeScript,
  type PlannerSource,
} from '../../sim/plugins/planner-source.js';
import { suiteCases } from '../../sim/judge/suites.js';
import { FOR_TRACES } from '../../sim/run/kept-run.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { projectFile } from '../support/files.js';
import { profileOf, scenarioOf } from '../support/made-up.js';
import { isThere, untilGone } from '../support/process-ids.js';

const test = anyTest as TestFn<{ folder: string }>;

test.before((t) => {
  t.context.folder = mkdtempSync(join(tmpdir(), 'planners-'));
});
test.after.always((t) => {
  rmSync(t.context.folder, { recursive: true });
});

const PERSEUS = JSON.stringify(
  pathToFileURL(projectFile('dist/src/planner/perseus/perseus.js')).href,
);
const cases = suiteCases('adversarial', []).filter(({ name }) => name === 'two clocks');

async function verdictOn(source: PlannerSource, timeLimitS = 30, memoryMB = 2048): Promise<string> {
  const [judged] = await judgeCases(source, cases, [[]], {
    workers: 1,
    timeLimitS,
    memoryMB,
    onProgress: () => undefined,
  });
  if ('broken' in judged!) return judged.broken;
  return judged!.unrepeatable ?? 'sound';
}

function write(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const plan = (body: string) =>
  `export const planner = { name: 'mine', plan(problem) { ${body} } };`;
const wrapped = (change: string) => `
  import { perseus } from ${PERSEUS};
  let asked = 0;
  export default {
    name: 'mine',
    interfaceVersion: 1,
    plan(problem) {
      const plans = perseus.plan(problem);
      const sound = {
        pointCount: plans.pointCount,
        point: (k) => plans.point(k),
        planAt: (deadlineS) => plans.planAt(deadlineS),
        forStraggler: (timeS) => plans.forStraggler(timeS),
      };
      return { ...sound, ${change} };
    },
  };`;

/** Modules, and what is said of them. */
const MODULES: Readonly<Record<string, readonly [string, RegExp]>> = {
  sound: [wrapped(''), /^sound$/],
  'few plans': [
    plan(`
      const clocks = Array.from(problem.dag.operation, (op) => problem.operations[op].options[0].frequencyMHz);
      return { version: 1, plans: [{ timeS: 99, energyJ: 1, frequencyMHz: clocks }] };`),
    /^sound$/,
  ],
  crash: [plan('throw new Error("no\\n  such stage")'), /^it failed: no such stage$/],
  'throws a text': [plan('throw "no"'), /^it failed: no$/],
  exits: [plan('process.exit(3)'), /^it crashed its process: exit code 3$/],
  hangs: [plan('for (;;);'), /^no end within 2 s$/],
  promise: [plan('return Promise.resolve()'), /^plan\(\) returned a promise; expected plans: /],
  nothing: [plan(''), /^plan\(\) returned undefined; expected plans: pointCount/],
  'half of it': [
    plan('return { pointCount: 1, point() {} }'),
    /^the result of plan\(\) has no planAt, no forStraggler; /,
  ],
  'no plan': [
    wrapped('forStraggler: () => undefined'),
    /^found undefined, expected a plan with a clock per instruction$/,
  ],
  'plan without clocks': [
    wrapped('forStraggler: () => ({})'),
    /^found a plan without frequencyMHz, expected/,
  ],
  'clocks that are no numbers': [
    plan('return { version: 1, plans: [{ timeS: 9, energyJ: 1, frequencyMHz: [NaN] }] }'),
    /^it failed: its answer is wrong at plans\.0\.frequencyMHz\.0: .*NaN/,
  ],
  'another version of plans': [
    plan('return { version: 2, plans: [] }'),
    /^it failed: its answer is wrong at version: .*expected 1/,
  ],
  late: [
    wrapped('planAt: (deadlineS) => plans.planAt(1.2 * deadlineS)'),
    /^its clocks take [\d.]+ s, but the deadline is [\d.]+ s$/,
  ],
  'keeps state': [
    wrapped('forStraggler: (timeS) => plans.forStraggler(timeS + 99 * asked++)'),
    /^asked twice for its fastest plan, it changed \d+ of 64 clocks$/,
  ],
  'spoils the problem': [
    wrapped('...(problem.operations.forEach((op) => { op.allOptions.length = 0; }) ?? {})'),
    /^sound$/,
  ],
};

test.serial('modules find the lags of a problem under both of its names', async (t) => {
  const body = `const { lags, lagTicks, lagS } = problem;
    const firsts = [lags.ticks, lagTicks, lags.exactS, lagS].map(({ ownStage }) => ownStage[0]);
    throw new Error(firsts.join(' '));`;
  const file = write(t.context.folder, 'lags.mjs', plan(body));
  const planner = await loadPlanner({ kind: 'module', url: pathToFileURL(file).href });
  const { profile, blockingPowerW } = profileOf([0.1, 0.13]);
  const dag = oneFOneB(2, 4);
  const ownStage = new Float64Array(dag.instructionCount).fill(0.0123);
  const lagS = { ownStage, otherStage: ownStage };
  const settings = { unitTimeS: 0.001, blockingPowerW, gpusPerStage: 1, lagS };
  const problem = planningProblem(dag, profile, settings);
  t.throws(() => planner.plan(problem), { message: '12 12 0.0123 0.0123' });
});

for (const [name, [text, message]] of Object.entries(MODULES)) {
  test.serial(`a module that ${name}: a verdict, not a crash`, async (t) => {
    const file = write(t.context.folder, `${name.replaceAll(' ', '-')}.mjs`, text);
    const source = findPlanner(file, { source: 'test', field: 'planner' }, 30);
    t.is(source.kind, 'module');
    t.regex(await verdictOn(source, name === 'hangs' ? 2 : 30), message);
  });
}

/** Modules that cannot be loaded: wrong input, before anything is judged. */
const UNLOADABLE: Readonly<Record<string, readonly [string, RegExp]>> = {
  'exports nothing': ['export const x = 1;', /: exports no planner; expected an export "planner"/],
  'is no JavaScript': ['export const x = {', /: cannot be loaded: /],
  'needs what is not there': ['import "nowhere-to-be-found";', /Cannot find package/],
  'ends while it loads': ['process.exit(9);', /crashed its process: exit code 9$/],
  'never ends loading': ['for (;;);', /cannot be loaded: no end within 2 s$/],
  'is of another version': [
    'export const planner = { name: "x", interfaceVersion: 9, plan() {} };',
    /interfaceVersion: found 9, expected 1/,
  ],
};

for (const [name, [text, message]] of Object.entries(UNLOADABLE)) {
  test.serial(`a module that ${name} is wrong input`, async (t) => {
    const file = write(t.context.folder, `un-${name.replaceAll(' ', '-')}.mjs`, text);
    const source = findPlanner(file, { source: 'test', field: 'planner' }, 30);
    const error = await t.throwsAsync(
      checkLoadable([source], name === 'never ends loading' ? 2 : 30),
      { instanceOf: InputError },
    );
    t.regex(error.message, message);
  });
}

test.serial('what is named is found: files with spaces, programs, and nothing else', (t) => {
  const where = { source: 'test', field: 'planner' };
  const { folder } = t.context;
  const find = (text: string) => findPlanner(text, where, 5);
  t.is(find(write(folder, 'my planner.mjs', plan(''))).kind, 'module');
  const program = write(folder, 'my program', '#!/bin/sh\n');
  t.throws(() => find(program), { message: /neither a \.js file nor an executable program/ });
  chmodSync(program, 0o755);
  t.is(find(program).kind, 'command');
  t.throws(() => find('./none.mjs'), { message: /there is no file/ });
  t.throws(() => find('persius'), { message: /did you mean "perseus"\?/ });
  t.throws(() => find(' '), { message: /expected max-frequency, / });
});

test.serial(
  'TypeScript is loaded where Node.js reads it, and is to be compiled elsewhere',
  async (t) => {
    const file = write(
      t.context.folder,
      'typed.mts',
      `const name: string = 'mine';\n${wrapped('')}`,
    );
    const find = () => findPlanner(file, { source: 'test', field: 'planner' }, 30);
    if (readsTypeScript()) t.is(await verdictOn(find()), 'sound');
    else {
      t.throws(find, {
        message:
          /found TypeScript, which Node\.js \d.* does not read; compile it with "npx tsc .*typed\.mts", and name .*typed\.mjs$/,
      });
    }
  },
);

test.serial(
  'packages of the project are found, also those that can be imported only',
  async (t) => {
    const { folder } = t.context;
    const module = wrapped('');
    const about = (fields: object) =>
      JSON.stringify({ version: '1.0.0', type: 'module', ...fields });
    write(folder, 'package.json', '{ "type": "module" }');
    write(folder, 'node_modules/with-main/package.json', about({ main: './lib.js' }));
    write(folder, 'node_modules/with-main/lib.js', module);
    const exports = { '.': { import: './lib/index.js' } };
    write(folder, 'node_modules/import-only/package.json', about({ exports }));
    write(folder, 'node_modules/import-only/lib/index.js', module);
    for (const name of ['with-main', 'import-only']) {
      const source = findPlanner(name, { source: 'test', field: 'planner' }, 30, folder);
      t.is(await verdictOn(source), 'sound', name);
    }
  },
);

/** Programs, in the language that is always there, and what is said of them. */
const PROGRAMS: Readonly<Record<string, readonly [string, RegExp]>> = {
  garbage: ['console.log("hello\\nyou")', /^it failed: its answer is not JSON: .*hello/],
  nothing: ['', /^it failed: it wrote nothing to standard output$/],
  NaN: ['console.log(`{"version":1,"plans":[{"timeS":NaN}]}`)', /NaN and Infinity are not JSON$/],
  crash: [
    'console.error("first\\nno such stage"); process.exit(3)',
    /^it failed: the command ended with exit code 3: no such stage$/,
  ],
  'silent crash': [
    'process.exit(5)',
    /^it failed: the command ended with exit code 5without a message$/,
  ],
  killed: ['process.kill(process.pid, "SIGTERM")', /^it failed: the command .*(?:SIGTERM|143)/],
  short: [
    'console.log(`{"version":1,"plans":[{"timeS":9,"energyJ":1,"frequencyMHz":[1500]}]}`)',
    /^found clocks for 1 instructions, expected 64$/,
  ],
  'other clock': [
    'console.log(JSON.stringify({ version: 1, plans: [{ timeS: 9, energyJ: 1, frequencyMHz: Array(64).fill(7) }] }))',
    /^found a clock of 7 MHz for instruction 0 \(forward on stage 0\), expected one of its 2 from/,
  ],
};

for (const [name, [text, message]] of Object.entries(PROGRAMS)) {
  test.serial(`a command that answers with ${name}`, async (t) => {
    const file = write(t.context.folder, `program-${name.replaceAll(' ', '-')}.mjs`, text);
    const command = `"${process.execPath}" "${file}"`;
    const source = findPlanner(command, { source: 'test', field: 'planner' }, 30);
    t.is(source.kind, 'command');
    t.regex(await verdictOn(source), message);
  });
}

test.serial('a command that never ends is ended, and leaves nothing behind', async (t) => {
  const mark = `hangs-${process.pid}`;
  const file = write(t.context.folder, `${mark}.mjs`, 'setInterval(() => {}, 1000);');
  // The shell stays, so that the program is a child of a child.
  const command = `"${process.execPath}" "${file}"; true`;
  t.regex(await verdictOn({ kind: 'command', command, timeLimitS: 60 }, 2), /^no end within 2 s$/);
  await sleep(500);
  const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  t.deepEqual(
    stdout.split('\n').filter((line) => line.includes(`${mark}.mjs`)),
    [],
  );
});

/** Linux alone tells where a process has gone that left its group. */
const tellsKin = existsSync('/proc/self/environ');

test.serial('what a planner begins in a session of its own ends with it', async (t) => {
  const { folder } = t.context;
  const began = join(folder, 'began.txt');
  const file = write(
    folder,
    'begins.mjs',
    `import { spawn } from 'node:child_process';
     import { writeFileSync } from 'node:fs';
     ${plan(`
       const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
       child.unref();
       writeFileSync(${JSON.stringify(began)}, String(child.pid));
       for (;;);`)}`,
  );
  const source = findPlanner(file, { source: 'test', field: 'planner' }, 30);
  t.is(await verdictOn(source, 8), 'no end within 8 s');
  const pid = Number(readFileSync(began, 'utf8'));
  if (tellsKin) await untilGone(pid);
  else process.kill(pid);
  t.false(isThere(pid));
});

/** Planners that take memory without end, on V8's heap, off it, and in a process of their own. */
const GREEDY: Readonly<Record<string, string>> = {
  heap: 'const all = []; for (;;) all.push(Array.from({ length: 1000 }, (_, k) => ({ k })));',
  buffers: 'const all = []; for (;;) all.push(Buffer.alloc(2 ** 22, 1));',
};

for (const [name, body] of Object.entries(GREEDY)) {
  test.serial(`a planner is bounded in memory: ${name}`, async (t) => {
    const file = write(t.context.folder, `greedy-${name}.mjs`, plan(body));
    const source = findPlanner(file, { source: 'test', field: 'planner' }, 30);
    const reason = await verdictOn(source, 60, 512);
    t.is(reason, 'it needed more than 512 MB of memory');
  });
}

test.serial('a command is bounded in memory like a module', async (t) => {
  const file = write(t.context.folder, 'greedy-command.mjs', GREEDY['buffers']!);
  const command = `"${process.execPath}" "${file}"; true`;
  const source = { kind: 'command' as const, command, timeLimitS: 60 };
  if (!tellsKin) {
    t.pass();
    return;
  }
  t.is(await verdictOn(source, 60, 512), 'it needed more than 512 MB of memory');
});

test.serial('devices, folders and what Node.js brings with it are no planners', (t) => {
  const where = { source: 'test', field: 'planner' };
  const wrong: readonly (readonly [string, RegExp])[] = [
    [
      '/dev/full',
      /found \/dev\/full, which is not a regular file; expected a \.js file or a program/,
    ],
    ['/dev/zero', /found \/dev\/zero, which is not a regular file/],
    [t.context.folder, /which is not a regular file/],
    ['/none/at/all', /there is no file \/none\/at\/all/],
    ['./none', /there is no file \.\/none/],
    ['..', /found \.\., which is not a regular file/],
    ['fs', /found "fs", expected /],
    ['node:fs', /found "node:fs", expected /],
  ];
  for (const [text, message] of wrong) {
    t.throws(() => findPlanner(text, where, 5), { instanceOf: InputError, message }, text);
  }
});

test('a run with a planner in a process of its own is kept as it is without it', async (t) => {
  const path = write(
    t.context.folder,
    'kept.mjs',
    `import { perseus } from ${PERSEUS}; export const planner = { ...perseus, name: 'mine' };`,
  );
  const scenario = scenarioOf({
    iterations: 5,
    noticeS: 0.5,
    stragglers: [{ pipeline: 0, slowdown: 1.3, fromS: 2 }],
    pipelines: 2,
  });
  const source = profileOf([0.1, 0.13]);
  const planner = {
    name: 'mine',
    source: { kind: 'module' as const, url: pathToFileURL(path).href },
    timeLimitS: 30,
  };
  const { policies, kept } = await runWithExternal(planner, scenario, source, FOR_TRACES);
  t.deepEqual(
    policies.map(({ policy }) => policy),
    ['max-frequency', 'perseus', 'mine'],
  );
  const alone = await runScenario(scenario, source, { keep: FOR_TRACES });
  t.deepEqual(kept, alone.kept);
  t.is((await runWithExternal(planner, scenario, source)).kept, undefined);
});
