import type { BoxPlace } from '../../report/timeline/box-at.js';
import { boxText } from '../../report/timeline/box-text.js';
import type { Timeline } from '../../report/timeline/timeline-data.js';
import { boxRectangle, type PictureRows, type Shown } from './picture-rows.js';

/** Half of a narrower picture has no room for a description. */
const NARROW_PX = 560;

/** The description of a box beside the pointer, or below the box if there is none. */
export function BoxTip(
  props: Shown & {
    readonly timeline: Timeline;
    readonly rows: PictureRows;
    readonly place: BoxPlace;
    readonly pointerPx: { readonly x: number; readonly y: number } | undefined;
  },
) {
  const { timeline, rows, place, pointerPx, moment, window } = props;
  const box = boxRectangle(timeline, rows, { moment, window }, place);
  const at = pointerPx ?? { x: box.x + box.widthPx / 2, y: box.y + box.heightPx };
  const isRight = at.x > rows.layout.widthPx / 2;
  const style = {
    top: `${Math.round(at.y + 14)}px`,
    ...(rows.layout.widthPx < NARROW_PX
      ? { left: '0', maxWidth: '100%', whiteSpace: 'normal' }
      : isRight
        ? { right: `${Math.round(rows.layout.widthPx - at.x + 8)}px` }
        : { left: `${Math.round(at.x + 8)}px` }),
  };
  const [title, ...figures] = boxText(timeline, place, moment);
  return (
    <div class="timeline-tip" role="status" style={style}>
      <b>{title}</b>
      {figures.map((figure) => (
        <span key={figure}>{figure}</span>
      ))}
    </div>
  );
}
