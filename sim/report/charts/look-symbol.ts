/** A symbol as Plot takes it. */
export interface LookSymbol {
  draw(context: CanvasPath, size: number): void;
}

/** A command of a path with its numbers. */
const COMMAND = /([MLHVAZ])([^MLHVAZ]*)/gi;
const NUMBER = /-?(?:\d+\.?\d*|\.\d+)/g;

/**
 * The shape of a look as a symbol of Plot.
 * @param shape a path of absolute lines, or a circle of arcs around the middle.
 */
export function lookSymbol(shape: string): LookSymbol {
  const commands = [...shape.matchAll(COMMAND)].map(([, name, text]) => ({
    name: name!,
    numbers: (text!.match(NUMBER) ?? []).map(Number),
  }));
  return {
    draw(context, size) {
      const scale = Math.sqrt(size / Math.PI);
      let [x, y] = [0, 0];
      for (const { name, numbers } of commands) {
        if (name === 'A') context.arc(0, 0, numbers[0]! * scale, Math.PI, 3 * Math.PI);
        else if (name === 'Z') context.closePath();
        else {
          for (const [nextX, nextY] of pointsOf(name, numbers, x, y)) {
            if (name === 'M' && x === 0 && y === 0) context.moveTo(nextX * scale, nextY * scale);
            else context.lineTo(nextX * scale, nextY * scale);
            [x, y] = [nextX, nextY];
          }
        }
      }
    },
  };
}

/** The points to which a command draws. */
function pointsOf(name: string, numbers: readonly number[], x: number, y: number) {
  if (name === 'H') return numbers.map((to) => [to, y] as const);
  if (name === 'V') return numbers.map((to) => [x, to] as const);
  return Array.from({ length: numbers.length / 2 }, (_, k) => {
    return [numbers[2 * k]!, numbers[2 * k + 1]!] as const;
  });
}
