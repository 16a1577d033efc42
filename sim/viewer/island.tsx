import { createContext, type ComponentChildren } from 'preact';
import { useContext } from 'preact/hooks';

/** Whether components are rendered to the text of a report, whose script brings islands to life. */
export const InReport = createContext(false);

/** Data as JSON that cannot end the script element around it. */
function scriptJson(data: unknown): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}

/**
 * A part of a report that its script draws anew, from the same data: `data` are the properties of the component
 * that `report-script.tsx` knows by this name. In the page, which is alive as a whole, it is nothing but its children.
 */
export function Island(props: {
  readonly name: string;
  readonly data: unknown;
  readonly children: ComponentChildren;
}) {
  const { name, data, children } = props;
  if (!useContext(InReport)) return <>{children}</>;
  return (
    <div class="island">
      <div data-island={name}>{children}</div>
      <script type="application/json" dangerouslySetInnerHTML={{ __html: scriptJson(data) }} />
    </div>
  );
}
