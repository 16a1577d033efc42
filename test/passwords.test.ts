import test from 'ava';
import { addressWithoutPassword, withoutPasswords } from '../src/passwords.js';
import { connect } from '../sim/sweep/redis-jobs.js';
import { InputError } from '../src/errors.js';

/** Addresses, right and wrong, whose password is hunter2 or has it in its midst. */
const ADDRESSES: readonly (readonly [string, string])[] = [
  ['redis://:hunter2@host:6379', 'redis://:***@host:6379'],
  ['redis://user:hunter2@host:6379/3', 'redis://user:***@host:6379/3'],
  ['rediss://user:a@hunter2@host', 'rediss://user:***@host'],
  ['redis://user:a/hunter2@host', 'redis://user:***@host'],
  ['redis://user:a#hunter2@host', 'redis://user:***@host'],
  ['redis://user:a?hunter2@host', 'redis://user:***@host'],
  ['redis://user:12/hunter2@host', 'redis://user:***@host'],
  ['redis://user:my hunter2@host', 'redis://user:***@host'],
  ['redis://user:a:hunter2@host', 'redis://user:***@host'],
  ['redis://us/er:hunter2@host', 'redis://***@host'],
  ['redis://hunter2@host', 'redis://***@host'],
  ['redis://user:hunter2', 'redis://user:***'],
  ['redis://:hunter2', 'redis://:***'],
  ['http://user:hunter2@host', 'http://user:***@host'],
  ['user:hunter2@host:6379', 'user:***@host:6379'],
  [':hunter2@host', ':***@host'],
  ['redis:user:hunter2@host', 'redis:***@host'],
  ['redis://host:6379?password=hunter2', 'redis://host:6379?password=***'],
  ['redis://host/0?db=1&password=hunter2', 'redis://host/0?db=1&password=***'],
];

/** Addresses that can be shown as they are. */
const PLAIN = ['redis://host:6379', 'redis://[::1]:6379/0', 'redis://host', 'nonsense', ''];

test('addresses are shown without any part of their password', (t) => {
  for (const [address, shown] of ADDRESSES) t.is(addressWithoutPassword(address), shown);
  for (const address of PLAIN) t.is(addressWithoutPassword(address), address);
});

test('texts that hold addresses are shown without their passwords', (t) => {
  t.is(
    withoutPasswords('cannot reach redis://u:hunter2@host:1, nor amqp://:a@hunter2@b; ask me@here'),
    'cannot reach redis://u:***@host:1, nor amqp://:***@b; ask me@here',
  );
  t.is(
    withoutPasswords('see https://x.org/?token=hunter2&a=1'),
    'see https://x.org/?token=***&a=1',
  );
});

test('what is refused as an address of a Redis is named without its password', async (t) => {
  const refused = ADDRESSES.filter(
    ([, shown]) => !/^rediss?:\/\/[^@]*@host|^redis:.*\?/.test(shown),
  );
  const encoded = ADDRESSES.filter(([address]) => /a[/#?]hunter2|12\/hunter2|us\/er/.test(address));
  for (const [address, shown] of [...refused, ...encoded]) {
    const error = await t.throwsAsync(connect(address), { instanceOf: InputError }, address);
    t.is(error.problems[0]!.source, shown);
    t.false(error.message.includes('hunter2'), error.message);
    t.regex(error.message, /expected one such as redis:\/\/host:6379/);
  }
});
