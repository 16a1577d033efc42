import { readFileSync } from 'node:fs';
import test from 'ava';
import { TABLE_FIGURES } from '../../sim/figures/draw-figure.js';
import { paperSvg } from '../../sim/figures/paper-svg.js';
import { projectFile } from '../support/files.js';
import { shippedFont } from '../support/figures.js';
import { labelBoxes, lineWidths, overlapping } from '../support/label-boxes.js';

const font = shippedFont();

/** Figures of tables, and the tables that are committed. */
const TABLES = {
  robustness: 'robustness.csv',
  'paper-7': 'figure7.csv',
  'paper-8': 'figure8.csv',
  'paper-9': 'figure9.csv',
} as const;

/** A column, a page of two, and letters that are large for a column. */
const SIZES = [
  { widthPx: 240, fontPx: 8 },
  { widthPx: 504, fontPx: 8 },
  { widthPx: 240, fontPx: 10 },
  { widthPx: 240, fontPx: 6, heightPx: 300 },
];

for (const [name, table] of Object.entries(TABLES)) {
  const make = TABLE_FIGURES[name as keyof typeof TABLES];
  const draw = make(readFileSync(projectFile(`results/${table}`), 'utf8'), table).drawing(
    undefined,
  );
  for (const size of SIZES) {
    test(`${name} at ${size.widthPx} pt with letters of ${size.fontPx} pt has labels that can be read`, (t) => {
      const style = { ...size, fontFamily: font.family, textEm: font.textEm };
      const { svg, widthPt, heightPt } = paperSvg(draw(style), font.family);
      t.is(widthPt, size.widthPx);
      if (size.heightPx !== undefined) t.true(heightPt >= size.heightPx);
      const boxes = labelBoxes(svg, font.textEm);
      t.true(boxes.length > 15, String(boxes.length));
      for (const box of boxes) {
        t.true(box.sizePx >= 6, JSON.stringify(box));
        t.true(box.left >= -0.01 && box.right <= widthPt + 0.01, JSON.stringify(box));
        t.true(box.top >= -0.01 && box.bottom <= heightPt + 0.01, JSON.stringify(box));
      }
      t.deepEqual(overlapping(boxes), []);
      t.deepEqual(
        lineWidths(svg).filter((width) => width < 0.499),
        [],
      );
    });
  }
}
