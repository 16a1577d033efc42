import test from 'ava';
import { InputError } from '../../src/errors.js';
import { pythonFloat } from '../../sim/plans/python-float.js';
import { readPlanFile } from '../../sim/plans/read-plan.js';
import { zeusText } from '../../sim/plans/zeus-file.js';

/** The plan of two stages that all spellings below mean. */
const PLAN = [
  [
    { kind: 'forward', frequencyMHz: 1410 },
    { kind: 'backward', frequencyMHz: 1260 },
  ],
  [
    { kind: 'forward', frequencyMHz: 0 },
    { kind: 'backward', frequencyMHz: 1207.5 },
  ],
];

const SPELLINGS: readonly (readonly [string, string])[] = [
  [
    "Zeus' own",
    "[\n[('forward', 1410), ('backward', 1260)],\n[('forward', 0), ('backward', 1207.5)],\n]\n",
  ],
  [
    'double quotes, one line',
    '[[("forward",1410),("backward",1260)],[("forward",0),("backward",1207.5)]]',
  ],
  ['JSON', '[[["forward", 1410], ["backward", 1260]], [["forward", 0], ["backward", 12075e-1]]]'],
  [
    'tuples of tuples',
    "((('forward', 1_410), ('backward', 0x4EC)), (('forward', 0b0), ('backward', 1_207.5)),)",
  ],
  [
    'an open tuple',
    "[('forward', 1410), ('backward', 1260)], [('forward', 0), ('backward', 1207.5)]",
  ],
  [
    'an assignment',
    "plan = [[('forward', 1410), ('backward', 1260)], [('forward', 0), ('backward', 1207.5)]];",
  ],
  [
    'an annotated assignment below a docstring',
    "'''Plan of\n  a job.'''\nplan: list[list[tuple[str, float]]] = [\n  [('forward', 1410), ('backward', 1260)],\n  [('forward', 0), ('backward', 1207.5)],\n]\n",
  ],
  [
    'comments anywhere, Windows line ends, byte order mark',
    "\ufeff# made by hand\r\n[ # stages\r\n  [ ( 'forward' , # MHz\r\n 1410 ), ('backward', +1260), ], # first\r\n\r\n  [('forward', -0), (r'backward', 1207.50)]\r\n] # end\r\n#",
  ],
  [
    'escapes, concatenation, continued lines',
    "[[('for' 'ward', (1410)), (u'\\x62ackward', 1.26e3)], \\\n [('''forward''', 0.), (\"BACKWARD\", 1207.5)]]",
  ],
  [
    "a dump of Zeus' server",
    '[{"rank": 1, "frequencies": [["forward", 0], ["backward", 1207.5]]}, {"rank": 0, "frequencies": [["forward", 1410], ["backward", 1260]]}]',
  ],
  [
    'our CSV, rows in any order',
    'stage,index,instruction,microbatch,frequency_mhz\n1,1,backward,0,1207.5\n0,0,forward,0,1410\n1,0,forward,0,0\n0,1,backward,0,1260\n',
  ],
  [
    'our JSON',
    '{"instructions": [{"stage": 0, "index": 0, "instruction": "forward", "frequency_mhz": 1410}, {"stage": 0, "index": 1, "instruction": "backward", "frequency_mhz": 1260}, {"stage": 1, "index": 0, "instruction": "forward", "frequency_mhz": 0}, {"stage": 1, "index": 1, "instruction": "backward", "frequency_mhz": 1207.5}]}',
  ],
];

for (const [name, text] of SPELLINGS) {
  test(`plans are read in any spelling: ${name}`, (t) => {
    t.deepEqual(readPlanFile(text, 'plan').clocks, PLAN);
  });
}

test('older lists of MHz name no instructions, and one stage may stand alone', (t) => {
  t.deepEqual(readPlanFile('[[1410, 1260], (930,),]', 'plan').clocks, [
    [{ frequencyMHz: 1410 }, { frequencyMHz: 1260 }],
    [{ frequencyMHz: 930 }],
  ]);
  t.deepEqual(readPlanFile("[('forward', 1410)]", 'plan').clocks, [[PLAN[0]![0]]]);
  t.deepEqual(readPlanFile('[1410]', 'plan').clocks, [[{ frequencyMHz: 1410 }]]);
});

test('comments of Zeus are read and written, others are not mistaken for them', (t) => {
  const text =
    "[\n[('forward', 1410)],\n]\n# Iteration 7 cost change: 1e-05\n# Iteration 7 total cost: 12.0\n# Iteration 7 total cost with P2P: 1.5e+16\n";
  const plan = readPlanFile(`${text}# cost: 5\n`, 'plan');
  t.is(plan.index, 7);
  t.deepEqual(plan.costs, { totalJ: 12, withWaitingJ: 1.5e16, changeJ: 1e-5 });
  t.is(zeusText(plan), text);
});

/** Texts that hold no plan, and the message on each. */
const WRONG: readonly (readonly [string, string])[] = [
  ['', 'p: the file is empty; expected a plan'],
  ['# only comments\n', 'p: the file is empty; expected a plan'],
  [
    '__import__("os").system("true")',
    'p:1, column 1: found "__import__", expected lists, tuples, texts and numbers, which are read and never evaluated',
  ],
  [
    "import os\n[[('forward', 1410)]]",
    'p:1, column 1: found "import", expected lists, tuples, texts and numbers, which are read and never evaluated',
  ],
  ["[[('forward', 1410)] * 2]", 'p:1, column 22: found "*", expected "," or "]"'],
  [
    "[\n[('forward', max(1, 2))]]",
    'p:2, column 14: found "max", expected lists, tuples, texts and numbers, which are read and never evaluated',
  ],
  [
    "[[f'forward']]",
    "p:1, column 3: found f'…, expected a plain text, which is read and never evaluated",
  ],
  ["[[('forward, 1410)]]", "p:1, column 4: found a text that does not end, expected ' after it"],
  ["[[('forward', 1410)]", 'p:1, column 21: found the end of the file, expected "," or "]"'],
  [
    "[[('forward', 0123)]]",
    'p:1, column 15: found "0123", expected a number without zeros before it',
  ],
  [
    `${'['.repeat(40)}1${']'.repeat(40)}`,
    'p:1, column 18: found more than 16 lists within each other',
  ],
  [
    "[[('forward', 1410)]]\n[[('forward', 1410)]]",
    'p:2, column 1: found "[" after the plan, expected nothing more; keep one plan a file',
  ],
  [
    '[]',
    "p:1, column 1: found no stage, expected a list of ('forward' or 'backward', MHz) for each stage",
  ],
  ['[[], [1410]]', 'p:1, column 2: found a stage without instructions, expected at least one'],
  [
    '"forward"',
    `p:1, column 1: found "forward", expected a list of ('forward' or 'backward', MHz) for each stage`,
  ],
  [
    '{"a": 1}',
    "p:1, column 1: found a dictionary, expected a list of ('forward' or 'backward', MHz) for each stage",
  ],
  [
    '{"points": [{"time_s": 1, "energy_j": 2}]}',
    'p:1, column 1: is a frontier from pipewatt plan, which has no clocks; ask for one plan with --deadline or --straggler, or for files of many with --format zeus',
  ],
  [
    'time_s,energy_j\n1,2\n',
    'p: is a frontier from pipewatt plan, which has no clocks; ask for one plan with --deadline or --straggler, or for files of many with --format zeus',
  ],
  [
    "[[('forward', 1410), ('backwards', 1.41), ('forward', None), ('forward', 1, 2), -5]]",
    [
      'p:1, column 23: found "backwards", expected one of forward, backward, recompute, input-gradient, weight-gradient; did you mean "backward"?',
      'p:1, column 36: found 1.41, expected a number from 100 to 4000 MHz (GPUs have clocks in this range); that looks like GHz: write 1410 (MHz); or 0, which leaves the clock as it is',
    ].join('\n'),
  ],
];

for (const [text, message] of WRONG) {
  test(`a message says what is wrong with ${JSON.stringify(text.slice(0, 60))}`, (t) => {
    const error = t.throws(() => readPlanFile(text, 'p'), { instanceOf: InputError });
    t.is(error.message.slice(0, message.length), message);
  });
}

test('all wrong entries are told at once', (t) => {
  const error = t.throws(
    () => readPlanFile("[[('forward', 1410000), ('wait', 1410)],\n [None, ('forward',)]]", 'p'),
    { instanceOf: InputError },
  );
  t.deepEqual(
    error.problems.map(({ line, field }) => [line, field]),
    [
      [1, 'column 15'],
      [1, 'column 26'],
      [2, 'column 3'],
      [2, 'column 9'],
    ],
  );
});

test('rows of a table that contradict each other are told by line and column', (t) => {
  const header = 'stage,index,instruction,frequency_mhz\n';
  const messageOf = (rows: string) =>
    t.throws(() => readPlanFile(header + rows, 'p'), { instanceOf: InputError }).message;
  t.is(
    messageOf('0,0,forward,1410\n0,0,backward,1410\n2,0,forward,1410\n'),
    [
      'p:3, column "index": found 0, expected the instructions of stage 0 to be numbered 0, 1, 2, …, each once',
      'p:2, column "stage": found no row of stage 1, expected stages 0, 1, 2, …',
    ].join('\n'),
  );
  t.regex(messageOf('0,0,forward,fast\n'), /^p:2, column "frequency_mhz": found "fast", expected /);
  t.is(messageOf(''), 'p: has no rows, expected a plan');
});

test('floats are written as Python writes them', (t) => {
  const written: readonly (readonly [number, string])[] = [
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [930, '930.0'],
    [0.1, '0.1'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.5e-7, '1.5e-07'],
    [1e15, '1000000000000000.0'],
    [9007199254740992, '9007199254740992.0'],
    [1e16, '1e+16'],
    [1.25e22, '1.25e+22'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [-2333.9241048803174, '-2333.9241048803174'],
    [NaN, 'nan'],
    [-Infinity, '-inf'],
  ];
  for (const [value, text] of written) t.is(pythonFloat(value), text);
});

test('a million comments and blanks are read without recursion', (t) => {
  const text = `[[1410], ${'# nothing\n  '.repeat(1_000_000)} [1260]]`;
  t.deepEqual(readPlanFile(text, 'p').clocks, [[{ frequencyMHz: 1410 }], [{ frequencyMHz: 1260 }]]);
});
