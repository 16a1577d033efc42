import { readFileSync } from 'node:fs';
import test from 'ava';
import { projectFile } from './support/files.js';

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

const LOCKFILE = readFileSync(projectFile('package-lock.json'), 'utf8');
const { packages } = JSON.parse(LOCKFILE) as { packages: Record<string, LockedPackage> };
const installed = Object.entries(packages).filter(([path, { link }]) => path !== '' && !link);

test('every package of the lockfile is known by the hash of its content', (t) => {
  t.true(installed.length > 300);
  const unknown = installed.filter(
    ([, { integrity = '' }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity),
  );
  t.deepEqual(
    unknown.map(([path, { version }]) => `${path} ${version ?? ''}`),
    [],
  );
});

test('the lockfile names no registry: npm takes packages from the one that is configured', (t) => {
  t.deepEqual(
    installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path),
    [],
  );
  t.false(LOCKFILE.includes('"resolved"'));
});
