import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFile } from '../support/files.js';

/** Another commit, built in a temporary folder with today's benchmarks. */
export interface VersionBefore {
  readonly folder: string;
  remove(): void;
}

/**
 * Checks out a commit into a temporary folder, puts the benchmarks of this folder into it and
 * compiles it. Benchmarks that use what the commit lacks fail when they run, not here.
 *
 * @throws Error if there is no such commit.
 */
export function versionBefore(commit: string): VersionBefore {
  const root = projectFile('.');
  const folder = join(mkdtempSync(join(tmpdir(), 'pipewatt-before-')), 'pipewatt');
  const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args], { stdio: 'pipe' });
  git('worktree', 'add', '--detach', folder, commit);
  const remove = () => {
    git('worktree', 'remove', '--force', folder);
    rmSync(join(folder, '..'), { recursive: true });
  };
  try {
    const lock = (of: string) => readFileSync(join(of, 'package-lock.json'), 'utf8');
    if (lock(root) === lock(folder)) {
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    } else {
      execFileSync('npm', ['ci', '--ignore-scripts', '--silent'], {
        cwd: folder,
        stdio: 'inherit',
      });
    }
    cpSync(join(root, 'test/bench'), join(folder, 'test/bench'), { recursive: true });
    compile(folder);
    return { folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function compile(folder: string): void {
  const tsc = join(folder, 'node_modules/typescript/bin/tsc');
  try {
    execFileSync(process.execPath, [tsc, '-p', 'tsconfig.test.json'], {
      cwd: folder,
      stdio: 'pipe',
    });
  } catch {
    // The compiler also writes what it finds wrong: benchmarks of what was not there yet.
  }
}
