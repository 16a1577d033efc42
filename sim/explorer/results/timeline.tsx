/** The iteration before and after planning. @param svg made by the report's code, all of it escaped. */
export function Timeline({ svg }: { svg: string }) {
  return (
    <figure>
      <figcaption>
        <h2>One iteration, before and after planning</h2>
        <p class="quiet">Each lane is a stage, colours are the power of a GPU.</p>
      </figcaption>
      <div
        class="scroll timeline-scroll"
        tabIndex={0}
        role="region"
        aria-label="Timeline"
        dangerouslySetInnerHTML={{ __html: svg }}
      />
    </figure>
  );
}
