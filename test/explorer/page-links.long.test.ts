import { createHash } from 'node:crypto';
import { linkOf } from '../../sim/explorer/link.js';
import { testWithChromium } from '../support/chromium.js';
import { siteOfFile } from '../support/explorer.js';

const site = siteOfFile();

/** Names that do not compress: a link of them is as long as they are. */
const words = (count: number) =>
  Array.from({ length: count }, (_, k) =>
    createHash('sha256').update(String(k)).digest('base64url').slice(0, 12),
  );

testWithChromium('links that mean harm are a sentence, and the page goes on', async (t) => {
  const linkTo = (yaml: string) => linkOf({ name: 'harm.yaml', yaml });
  const scenario = 'name: x\nprofile: {catalog: gpt3-175b-a100-sxm}\n';
  const size = 'pipeline: {stages: 8, microbatches: 8}\n';
  const links = {
    'unknown keys': await linkTo(
      scenario +
        size +
        words(5000)
          .map((word) => `a${word}: 1\n`)
          .join(''),
    ),
    nested: await linkTo(`${scenario}pipeline: ${'['.repeat(50_000)}`),
    'nested and closed': await linkTo(`pipeline: ${'['.repeat(30_000)}${']'.repeat(30_000)}\n`),
    stragglers: await linkTo(
      `${scenario}${size}stragglers: [${'{pipeline: -1}, '.repeat(15_000)}]\n`,
    ),
    aliases: await linkTo(
      `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghij'
        .split('')
        .map((name, k) => `${name}: &${name} [${`*${'abcdefghi'[k]!}, `.repeat(9)}]\n`)
        .join('')}`,
    ),
    'much in little': await linkTo('x'.repeat(60_000_000)),
    long: await linkTo(`${scenario}# ${words(25_000).join(' ')}`),
  };
  t.true(links['unknown keys'].length > 61_000);
  for (const [name, link] of Object.entries(links)) {
    const startedMs = performance.now();
    const open = await site.open(t, `#${link}`);
    const lines = await open.page.locator('.notice p').allInnerTexts();
    t.log(`${name}, ${link.length} characters: ${(performance.now() - startedMs).toFixed(0)} ms`);
    t.true(lines.length >= 1 && lines.length <= 22, `${name}: ${lines.length} lines`);
    t.regex(lines[0]!, /^(?:The scenario of this link is invalid|This link holds )/, name);
    t.true(lines.every((line) => line.length < 500));
    // The first step, which the page begins with: the time that its GPUs wait.
    t.is(await open.saved(), '27.3');
    await open.type('Microbatches', '12');
    t.deepEqual(await open.problems(), []);
    t.is(await open.page.locator('.notice').count(), 0);
    t.deepEqual(open.heard, []);
  }
});
