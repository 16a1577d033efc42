import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { projectFile } from '../support/files.js';

const MOST_BYTES = 550_000;

test('the page is small, all of its code together, and loads nothing from elsewhere', (t) => {
  const folder = projectFile('dist/explorer');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(html|js|css)$/.test(name),
  );
  t.true(files.length >= 4, 'npm run build:web makes it');
  const sizes = files.map((name) => {
    const bytes = readFileSync(`${folder}/${name}`);
    return { name, gzippedBytes: gzipSync(bytes).length, text: bytes.toString('utf8') };
  });
  const total = sizes.reduce((sum, { gzippedBytes }) => sum + gzippedBytes, 0);
  for (const { name, gzippedBytes } of sizes) t.log(`${name}: ${gzippedBytes} bytes gzipped`);
  t.log(`the page: ${(total / 1000).toFixed(1)} kB gzipped of at most ${MOST_BYTES / 1000}`);
  t.true(total < MOST_BYTES);
  const { text } = sizes.find(({ name }) => name === 'index.html')!;
  t.notRegex(text, /(?:src|href)="(?:https?:)?\/\//);
  t.regex(text, /src="\.\/assets\//, 'addresses are relative: it can lie at any path');
});
