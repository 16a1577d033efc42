import { useState } from 'preact/hooks';
import { FileButton } from './file-drop.js';
import type { Asked, View } from './page-state.js';
import { linkOfPage } from './use-address.js';
import { filesOf } from './what-if.js';

/** Actions on the what-if as a whole. */
export function Actions(props: {
  asked: Asked;
  view: View;
  onFiles: (files: readonly File[]) => void;
}) {
  const { asked, view, onFiles } = props;
  const [copied, setCopied] = useState<Copied>();
  const { name, yaml, csv } = filesOf(asked.whatIf);
  const copy = async () => {
    const address = new URL(`#${await linkOfPage(asked, view)}`, location.href).href;
    setCopied({ asked, view, address, isCopied: await intoClipboard(address) });
  };
  const isFresh = copied?.asked === asked && copied.view === view;
  return (
    <div class="actions" role="group" aria-label="Scenario">
      <FileButton label="Open scenario" accept=".yaml,.yml,.csv" onFiles={onFiles} />
      <button
        type="button"
        onClick={() => {
          download(name, yaml, 'application/yaml');
        }}
      >
        Download scenario
      </button>
      {csv !== undefined && (
        <button
          type="button"
          onClick={() => {
            download(csv.name, csv.text, 'text/csv');
          }}
        >
          Download profile
        </button>
      )}
      <button type="button" onClick={() => void copy()}>
        Copy link
      </button>
      <span class="quiet" role="status">
        {isFresh && copied.isCopied ? 'link copied' : ''}
      </span>
      {isFresh && !copied.isCopied && (
        <input class="link" readOnly aria-label="Link to copy" value={copied.address} />
      )}
    </div>
  );
}

interface Copied {
  readonly asked: Asked;
  readonly view: View;
  readonly address: string;
  readonly isCopied: boolean;
}

/** Writes to the clipboard, which only pages of this machine or served by https may do. */
async function intoClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function download(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(address);
}
