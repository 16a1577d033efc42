import type { ComponentChildren } from 'preact';

/** A part of a report under a heading of its own. */
export function Section(props: { readonly heading: string; readonly children: ComponentChildren }) {
  return (
    <section>
      <h2>{props.heading}</h2>
      {props.children}
    </section>
  );
}

/** Paragraphs in muted type. */
export function Notes({ notes }: { readonly notes: readonly string[] }) {
  return (
    <>
      {notes.map((note) => (
        <p class="quiet" key={note}>
          {note}
        </p>
      ))}
    </>
  );
}

/** Conclusions for the reader. */
export function Summary({ sentences }: { readonly sentences: readonly string[] }) {
  return (
    <>
      {sentences.map((sentence) => (
        <p class="summary" key={sentence}>
          {sentence}
        </p>
      ))}
    </>
  );
}

/** A file or a command, as it is typed. */
export function Code({ text }: { readonly text: string }) {
  return (
    <pre tabIndex={0}>
      <code>{text}</code>
    </pre>
  );
}

/** A picture with a description in words, also for readers who cannot see it. */
export function Picture({ svg, caption }: { readonly svg: string; readonly caption: string }) {
  return (
    <figure>
      <div class="scroll" tabIndex={0} role="group" aria-label="Picture">
        <div
          class="picture"
          role="img"
          aria-label={caption}
          dangerouslySetInnerHTML={{ __html: svg }}
        />
      </div>
      <figcaption>{caption}</figcaption>
    </figure>
  );
}
