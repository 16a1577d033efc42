import fc from 'fast-check';
import { hostileText } from '../hostile.js';
import { commandLine, type FuzzTarget } from '../target.js';

/** Nobody listens there. */
const NOWHERE = '127.0.0.1:1';
const PASSWORD = 'geheim-Passwort-1';

const anyAddress = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      'redis',
      'redis:',
      'redis:/',
      'redis://',
      'redis:///',
      `http://${NOWHERE}`,
      `REDIS://${NOWHERE}`,
    ],
    ...[
      `redis://${NOWHERE}`,
      `rediss://${NOWHERE}`,
      `redis://${NOWHERE}/0`,
      `redis://${NOWHERE}/x`,
    ],
    ...[
      'redis://127.0.0.1:99999',
      'redis://127.0.0.1:-1',
      'redis://127.0.0.1:x',
      'redis://[::1]:1',
      'redis://[::1',
    ],
    ...[
      `redis://${NOWHERE}?family=9`,
      `redis://${NOWHERE}?db=nine`,
      'unix:///nowhere.sock',
      '/nowhere.sock',
    ],
  ),
  fc
    .tuple(
      fc.constantFrom('', 'user', 'us%er', 'ü', 'a:b'),
      fc.constantFrom('', '@', '#', '/', '?', '%', '%zz', ':', ' ', '@@', '[', '\\'),
    )
    .map(([user, odd]) => `redis://${user}:${PASSWORD.replace('-', odd)}@${NOWHERE}`),
  hostileText.map((text) => `redis://:${PASSWORD}@${NOWHERE}/${text}`),
);

/** Parts of the password that reveal it, whatever is between them. */
const SECRETS = PASSWORD.split('-').filter((part) => part.length > 3);

/** Addresses of a Redis at which none answers. */
export const addresses: FuzzTarget = {
  name: 'addresses of Redis',
  share: 1,
  inputs: () => anyAddress.map((address) => commandLine(['worker', '--redis', address])),
  oracle: (_, { code, err }) => {
    if (code === 0) return 'a worker without a Redis';
    const told = SECRETS.find((part) => err.includes(part));
    return told === undefined ? undefined : `tells the password: ${err}`;
  },
};
