import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { figureFile, type FileWish } from '../../sim/figures/figure-file.js';
import { paperLengthPt } from '../../sim/figures/paper-length.js';
import { paperSvg } from '../../sim/figures/paper-svg.js';
import { InputError } from '../../src/errors.js';
import { shippedFont } from '../support/figures.js';
import { poppler, testWithPoppler } from '../support/poppler.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const font = shippedFont();

const WISH: FileWish = {
  ...{ format: 'pdf', font, dpi: 300, title: 'a title' },
  at: (flag) => ({ source: 'pipewatt figure', field: flag }),
};

/** A picture with what charts have: groups, anchors, halos, dashes, patterns, letters of both weights. */
const picture = (
  label: string,
) => `<svg viewBox="0 0 240 160" class="chart" fill="currentColor" style="font-size:8px;font-family:system-ui">
<style>.chart{color:red}</style>
<defs><pattern id="h" width="4" height="4" patternUnits="userSpaceOnUse"><path d="M0 0L4 4" stroke="#d55e00"/></pattern></defs>
<g transform="translate(20,20)" text-anchor="middle"><text x="10" dy="0.71em">1.25 ≥ T′ × 2</text></g>
<text x="20" y="60" font-weight="600">${label}</text>
<text x="20" y="80" stroke="#ffffff" stroke-width="3" paint-order="stroke">halo</text>
<path d="M0 100H240" stroke="#0072b2" stroke-dasharray="1 0"/>
<path d="M0 110H240" stroke="#0072b2" stroke-dasharray="4,2"/>
<rect x="20" y="120" width="40" height="20" fill="url(#h)" opacity="0.5"/></svg>`;

const PICTURE = picture('bold letters');

test('lengths are read in the units of paper', (t) => {
  t.is(paperLengthPt('3.33in')!.toFixed(2), '239.76');
  t.is(paperLengthPt('84 mm')!.toFixed(2), '238.11');
  t.is(paperLengthPt('8.4CM')!.toFixed(2), '238.11');
  t.is(paperLengthPt('240pt'), 240);
  for (const wrong of [
    '',
    '3.33',
    'in',
    '-3in',
    '3px',
    '3,33in',
    '1e3in',
    'Infinityin',
    '3.33inn',
  ]) {
    t.is(paperLengthPt(wrong), undefined, wrong);
  }
});

test('a figure on paper has a size, ink and no style sheet', (t) => {
  const { svg, widthPt, heightPt } = paperSvg(PICTURE, font.family);
  t.deepEqual([widthPt, heightPt], [240, 160]);
  t.notRegex(svg, /<style|class=|paint-order|"1 0"/);
  t.regex(svg, /font-family="'Source Sans 3', sans-serif"/);
  t.regex(svg, /color="#1c2126"/);
  t.regex(svg, /stroke-dasharray="4 2"/);
  t.is([...svg.matchAll(/>halo</g)].length, 2, 'the halo, then the letters');
});

for (const format of ['pdf', 'svg', 'png'] as const) {
  test(`the same figure gives the same bytes of ${format}`, async (t) => {
    const [first, second] = await Promise.all([
      figureFile(PICTURE, { ...WISH, format }),
      figureFile(PICTURE, { ...WISH, format }),
    ]);
    t.true(first.length > 500);
    t.deepEqual(first, second);
  });
}

test('a PNG has the pixels of its size and resolution', async (t) => {
  const bytes = Buffer.from(await figureFile(PICTURE, { ...WISH, format: 'png', dpi: 144 }));
  t.is(bytes.toString('latin1', 1, 4), 'PNG');
  t.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [480, 320]);
});

test('a PNG that no memory holds is refused', async (t) => {
  const large = PICTURE.replace('0 0 240 160', '0 0 2400 1600');
  const error = await t.throwsAsync(figureFile(large, { ...WISH, format: 'png', dpi: 1200 }), {
    instanceOf: InputError,
  });
  t.is(
    error.message,
    'pipewatt figure, --dpi: found 1200, which makes 40000 × 26667 pixels, expected at most 100 million; choose fewer',
  );
});

for (const format of ['pdf', 'png'] as const) {
  test(`letters that the font does not have are named, not drawn as boxes, in ${format}`, async (t) => {
    const error = await t.throwsAsync(figureFile(picture('能 🙂 能'), { ...WISH, format }), {
      instanceOf: InputError,
    });
    t.is(
      error.message,
      'pipewatt figure, --font: Source Sans 3 has no 能 (U+80FD), 🙂 (U+1F642), which the figure shows; name a .ttf or .otf file that has',
    );
  });
}

test('an SVG shows all letters, by any font of the reader', async (t) => {
  const bytes = await figureFile(picture('能 🙂'), { ...WISH, format: 'svg' });
  t.true(new TextDecoder().decode(bytes).includes('能 🙂'));
});

test('a PDF names its size, its fonts and nothing of the day', async (t) => {
  const text = Buffer.from(await figureFile(PICTURE, WISH)).toString('latin1');
  t.regex(text, /\/MediaBox \[0 0 240 160\]/);
  t.is([...text.matchAll(/\/FontFile2 /g)].length, 2, 'regular and bold letters are in it');
  t.deepEqual(
    [...text.matchAll(/D:\d{8}|\d{4}-\d\d-\d\d/g)].map(([date]) => date),
    ['D:19700101', '1970-01-01'],
  );
});

testWithPoppler('the text of a PDF is text, in embedded parts of fonts', async (t) => {
  const path = join(temporaryFolder(t), 'figure.pdf');
  writeFileSync(path, await figureFile(PICTURE, { ...WISH, title: 'a (title) \\ <b>' }));
  const fonts = poppler('pdffonts', [path]).trim().split('\n').slice(2);
  t.is(fonts.length, 2);
  for (const line of fonts)
    t.regex(line, /\+SourceSans3-\w+ +CID TrueType +Identity-H +yes yes yes/);
  const words = poppler('pdftotext', [path, '-']);
  t.true(words.includes('1.25 ≥ T′ × 2'), words);
  t.true(words.includes('bold letters'));
  t.regex(poppler('pdfinfo', [path]), /Title: +a \(title\) \\ <b>[^]*Page size: +240 x 160 pts/);
  t.true(readFileSync(path).length < 30_000, 'only the letters that it shows');
});
