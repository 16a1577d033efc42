import type { ComponentChildren } from 'preact';

/** Takes files dropped anywhere on its content. */
export function FileDrop(props: {
  onFiles: (files: readonly File[]) => void;
  onHover: (isOver: boolean) => void;
  children: ComponentChildren;
}) {
  const { onFiles, onHover, children } = props;
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
  return (
    <div
      class="page"
      onDragOver={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        onHover(true);
      }}
      onDragLeave={(event) => {
        if (event.relatedTarget === null) onHover(false);
      }}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        onHover(false);
        onFiles([...event.dataTransfer!.files]);
      }}
    >
      {children}
    </div>
  );
}

/** A labelled button that opens the system's choice of files. */
export function FileButton(props: {
  label: string;
  accept: string;
  onFiles: (files: readonly File[]) => void;
}) {
  const { label, accept, onFiles } = props;
  return (
    <label class="button">
      {label}
      <input
        type="file"
        class="hidden"
        multiple
        accept={accept}
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          // The same file may be chosen again after a correction.
          currentTarget.value = '';
        }}
      />
    </label>
  );
}
