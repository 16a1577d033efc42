import { declare } from './declare.js';

/** The shells for which there is completion. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const completion = declare({
  name: 'completion',
  about: 'print what completes commands, options and names in a shell',
  arguments: [['<shell>', 'bash, zsh or fish']],
  completes: SHELLS,
  remarks: [
    'bash: eval "$(pipewatt completion bash)" in ~/.bashrc',
    'zsh: eval "$(pipewatt completion zsh)" in ~/.zshrc, below compinit',
    'fish: source (pipewatt completion fish | psub) in ~/.config/fish/config.fish',
  ],
  example: 'eval "$(pipewatt completion bash)"',
});
