import type { HeadingLines } from '../results/column.js';
import type { PolicyColumn } from '../report/text/policy-columns.js';
import { PolicyMark } from './policy-mark.js';

/** A table of the command line's, its columns and its digits; the first column is the policies. */
export function PolicyTable({
  columns,
  label,
}: {
  columns: readonly PolicyColumn[];
  label: string;
}) {
  const [{ cells: policies } = { cells: [] }, ...figures] = columns;
  const groups = headingGroups(figures.map(({ heading }) => heading));
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table style={`--columns:${columns.length}`}>
        <thead>
          <tr>
            <th scope="col" rowSpan={2}>
              policy
            </th>
            {groups.map(({ title, parts }) => (
              <th key={title} scope="colgroup" colSpan={parts.length} class="group">
                {title}
              </th>
            ))}
          </tr>
          <tr>
            {groups.flatMap(({ title, parts }) =>
              parts.map((part) => (
                <th key={`${title} ${part}`} scope="col">
                  {part}
                </th>
              )),
            )}
          </tr>
        </thead>
        <tbody>
          {policies.map((policy, k) => (
            <tr key={policy}>
              <th scope="row">
                <PolicyMark policy={policy} /> {policy}
              </th>
              {figures.map(({ heading, cells }) => (
                <td key={heading.join(' ')}>{cells[k]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Neighbouring headings with the same upper line share it. */
function headingGroups(headings: readonly HeadingLines[]) {
  const groups: { title: string; parts: string[] }[] = [];
  for (const [title, part] of headings) {
    const last = groups.at(-1);
    if (last?.title === title) last.parts.push(part);
    else groups.push({ title, parts: [part] });
  }
  return groups;
}
