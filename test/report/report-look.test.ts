import test, { type ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { standaloneSvg } from '../../sim/report/charts/standalone-svg.js';
import { chartSvg } from '../../sim/report/charts/chart-svg.js';
import { PALETTE } from '../../sim/report/looks.js';
import { barriers, overflowPx } from '../support/axe.js';
import { chromiumOfFile, testWithChromium } from '../support/chromium.js';
import { madeUpReports } from '../support/made-up-reports.js';

const browser = chromiumOfFile();
let reports: ReadonlyMap<string, string> = new Map();

test.before(async () => {
  reports = await madeUpReports();
});

const LOOKS = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 320 },
] as const;
const SCHEMES = ['light', 'dark'] as const;
/** Between margins of 12 mm, in CSS pixels. */
const A4_WIDTH = Math.floor(((210 - 2 * 12) / 25.4) * 96);

async function openReport(
  t: ExecutionContext,
  html: string,
  look: { readonly colorScheme: 'light' | 'dark'; readonly width?: number },
): Promise<Page> {
  const { colorScheme, width = 1280 } = look;
  const page = await browser().newPage({ viewport: { width, height: 800 }, colorScheme });
  page.on('console', (message) => t.fail(message.text()));
  page.on('pageerror', (error) => t.fail(error.message));
  t.teardown(() => page.close());
  await page.setContent(html);
  return page;
}

testWithChromium('no report has barriers: light and dark, wide and narrow', async (t) => {
  for (const [name, html] of reports) {
    for (const look of LOOKS) {
      const page = await openReport(t, html, look);
      t.deepEqual(await barriers(page), [], `${name}, ${look.colorScheme}, ${look.width}`);
      t.is(await overflowPx(page), 0, `${name} fits a window of ${look.width} pixels`);
    }
  }
});

/** What is drawn in the page's pictures, and how it contrasts with the paper behind. */
function inkOf(page: Page): Promise<{ what: string; contrast: number }[]> {
  return page.evaluate(() => {
    // Colours as the browser paints them: it computes them from whatever style they come from.
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    const luminance = (colour: string) => {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => {
        const part = byte / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    const paper = luminance(getComputedStyle(document.body).backgroundColor);
    return [
      ...document.querySelectorAll(
        ':is(.picture, .chart, .timeline-view) svg :is(path, rect, line, circle, text)',
      ),
    ].flatMap((element) => {
      const style = getComputedStyle(element);
      const isHidden = style.display === 'none' || element.classList.contains('background');
      if (isHidden || element.closest('.labels') !== null) return [];
      const isFilled = style.fill !== 'none' && Number(style.fillOpacity) > 0;
      const colour = isFilled ? style.fill : style.stroke;
      if (colour === 'none') return [];
      const ink = luminance(colour);
      const [low, high] = [Math.min(ink, paper), Math.max(ink, paper)];
      return [{ what: element.outerHTML.slice(0, 160), contrast: (high + 0.05) / (low + 0.05) }];
    });
  });
}

testWithChromium(
  'whatever a picture draws stands out from the paper, light and dark',
  async (t) => {
    for (const [name, html] of reports) {
      for (const colorScheme of SCHEMES) {
        const ink = await inkOf(await openReport(t, html, { colorScheme }));
        t.true(ink.length > 50, name);
        const texts = ink.filter(({ what }) => what.startsWith('<text'));
        t.true(texts.length > 10, `${name} has axes`);
        const pale = texts.filter(({ contrast }) => contrast < 4.5);
        t.deepEqual(pale, [], `${name}, ${colorScheme}: text`);
        // The least power is close to the paper, on purpose; the palest hue on white has 1.3.
        const unseen = ink.filter(
          ({ contrast }) => contrast < (colorScheme === 'light' ? 1.05 : 1.7),
        );
        t.deepEqual(unseen, [], `${name}, ${colorScheme}`);
      }
    }
  },
);

testWithChromium(
  'more power stands out more, light and dark; numbers on it are read',
  async (t) => {
    for (const colorScheme of SCHEMES) {
      const page = await openReport(t, reports.get('run')!, { colorScheme });
      const ink = await inkOf(page);
      const first = ink.findIndex(({ what }) => /^<path fill="#\w+" d="M0 0h3\.6/.test(what));
      const ramp = ink.slice(first, first + 24).map(({ contrast }) => contrast);
      for (let k = 1; k < ramp.length; k++) t.true(ramp[k]! > ramp[k - 1]!, `${colorScheme} ${k}`);
      t.true(ramp.at(-1)! > 8, `${colorScheme}: ${ramp.at(-1)!}`);
    }
  },
);

testWithChromium('paper shows every column and the whole timeline, in light colours', async (t) => {
  for (const [name, html] of reports) {
    const page = await openReport(t, html, { colorScheme: 'dark', width: A4_WIDTH });
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => {
      document.querySelectorAll('details').forEach((details) => (details.open = true));
    });
    const found = await page.evaluate(() => {
      const outside = (selector: string) =>
        [...document.querySelectorAll(selector)].flatMap((element) => {
          if (element.getClientRects().length === 0) return [];
          const { left, right, width } = element.getBoundingClientRect();
          const isWhole = left >= -0.5 && right <= innerWidth + 0.5 && width > 0;
          return isWhole ? [] : [`${element.tagName} ${left} to ${right}`];
        });
      const cut = [...document.querySelectorAll('.scroll, figure, pre')].filter(
        (element) => element.scrollWidth > element.clientWidth + 1,
      );
      return {
        cells: document.querySelectorAll('th, td').length,
        outside: outside('th, td, .picture > svg, .chart > svg, svg.lanes, pre, p'),
        cut: cut.map((element) => element.outerHTML.slice(0, 100)),
        ground: getComputedStyle(document.body).backgroundColor,
        ink: getComputedStyle(document.body).color,
        smallestPt: Math.min(
          ...[...document.querySelectorAll('td')].map(
            (cell) => (parseFloat(getComputedStyle(cell).fontSize) * 72) / 96,
          ),
        ),
        buttons: [...document.querySelectorAll('button')].filter(
          (button) => button.getClientRects().length > 0,
        ).length,
      };
    });
    t.true(found.cells > 10, name);
    t.deepEqual(found.outside, [], name);
    t.deepEqual(found.cut, [], name);
    t.is(found.ground, 'rgb(255, 255, 255)');
    t.is(found.ink, 'rgb(28, 33, 38)');
    t.true(found.smallestPt >= 6, `${name}: letters of ${found.smallestPt} points`);
    t.is(found.buttons, 0, 'nothing to press');
    t.is(PALETTE.ink.light, '#1c2126');
  }
});

testWithChromium('a picture as a file has paper of its own, dark on a dark screen', async (t) => {
  const svg = standaloneSvg(chartSvg({ marks: [] }));
  for (const [colorScheme, paper, ink] of [
    ['light', 'rgb(255, 255, 255)', 'rgb(28, 33, 38)'],
    ['dark', 'rgb(20, 23, 27)', 'rgb(228, 232, 236)'],
  ] as const) {
    const page = await browser().newPage({ colorScheme });
    await page.goto(`data:image/svg+xml,${encodeURIComponent(svg)}`);
    const found = await page.evaluate(() => [
      getComputedStyle(document.querySelector('svg > rect')!).fill,
      getComputedStyle(document.querySelector('svg')!).color,
    ]);
    t.deepEqual(found, [paper, ink], colorScheme);
    await page.close();
  }
});

testWithChromium('keys reach what is scrolled, and the focus is seen', async (t) => {
  const page = await openReport(t, reports.get('run')!, { colorScheme: 'dark', width: 320 });
  const stops: string[] = [];
  for (;;) {
    await page.keyboard.press('Tab');
    const outline = await page.evaluate(() => {
      const focused = document.activeElement!;
      // The handle on the frontier has a ring of its own instead.
      const ring = focused.matches('g') ? focused.querySelector('.frontier-grip') : null;
      if (ring !== null) return `handle ${getComputedStyle(ring).strokeWidth}`;
      const { outlineStyle, outlineWidth } = getComputedStyle(focused);
      return `${focused.tagName} ${outlineStyle} ${outlineWidth}`;
    });
    if (/^(?:BODY|HTML)/.test(outline) || stops.length > 50) break;
    t.regex(outline, /^(?:(?:DIV|PRE|BUTTON|INPUT|SUMMARY) solid|handle) 2px$/);
    stops.push(outline);
  }
  const scrolled = await page.locator('.scroll, .timeline-plot, pre').count();
  t.true(scrolled > 5 && stops.length >= scrolled && stops.length <= 50, stops.join('\n'));
});
