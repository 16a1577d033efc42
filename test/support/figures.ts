import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { figureFont, type FigureFont } from '../../sim/figures/figure-font.js';

/** The font that comes with the program. */
export function shippedFont(): FigureFont {
  const { resolve } = createRequire(import.meta.url);
  const file = (name: string) => {
    const path = resolve(`@expo-google-fonts/source-sans-3/${name}`);
    return { path, bytes: readFileSync(path) };
  };
  const at = { source: 'test' };
  return figureFont(
    file('400Regular/SourceSans3_400Regular.ttf'),
    file('600SemiBold/SourceSans3_600SemiBold.ttf'),
    at,
  );
}
