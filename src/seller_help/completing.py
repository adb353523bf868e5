"""What may follow on a command line, and the scripts with which shells ask for it.

Typer finds the candidates; its scripts are not used. They give a catalogue's names to the shell
as code (zsh) or unquoted (bash), bind the Tab key anew (PowerShell) and load Rich for each
description, which takes as long as half a `path`.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any, Literal

# Typer has no public way to its candidates; it has loaded this module in any case.
from typer._completion_classes import BashComplete

from .catalogue import names
from .lines import one_line

if TYPE_CHECKING:
    from .catalogue import Catalogue

Shell = Literal["bash", "zsh", "fish", "powershell"]

LINE = "_SELLER_HELP_LINE"
"""The variable in which a script hands over the command line up to the cursor."""

# Each gives nothing where it is given nothing, errors too; then the shell completes file names.
SCRIPTS: dict[Shell, str] = {
    "bash": r"""_seller_help() {
    local word
    COMPREPLY=()
    while IFS= read -r word; do
        COMPREPLY+=("$word")
    done < <(_SELLER_HELP_LINE="${COMP_LINE:0:COMP_POINT}" "$1" completion bash 2>/dev/null)
}
complete -o bashdefault -o default -F _seller_help seller-help
""",
    "zsh": r"""(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -D -i; }
_seller_help() {
    local -a found
    found=("${(@f)$(_SELLER_HELP_LINE="${words[1,CURRENT-1]} $PREFIX" \
        "$words[1]" completion zsh 2>/dev/null)}")
    compset -P '--*='
    if [[ -n $found ]]; then _describe seller-help found; else _files; fi
}
compdef _seller_help seller-help
""",
    "fish": r"""function __seller_help
    set -l found (env _SELLER_HELP_LINE=(commandline -cp) seller-help completion fish 2>/dev/null)
    if set -q found[1]
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete --command seller-help --no-files --arguments '(__seller_help)'
""",
    "powershell": r"""Register-ArgumentCompleter -Native -CommandName seller-help -ScriptBlock {
    param($word, $ast, $cursor)
    $at = $cursor - $ast.Extent.StartOffset
    $Env:_SELLER_HELP_LINE = "$ast".PadRight($at).Substring(0, $at)
    try { $found = @(seller-help completion powershell 2>$null) }
    finally { Remove-Item Env:_SELLER_HELP_LINE }
    $found | ForEach-Object {
        $word, $about = $_ -split "`t", 2
        if (-not $about) { $about = $word }
        [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $about)
    }
}
""",
}


def candidates(command: Any, shell: Shell, line: str) -> str:
    """What the last word of a command line may become, each on a line as the shell's script reads.

    None of them needs quotes in any shell. `command` is Typer's.
    """
    *words, last = _split(line, "`" if shell == "powershell" else "\\")
    found = BashComplete(command, {}, "seller-help", "").get_completions(words[1:], last)
    option, equals, _ = last.partition("=")
    # bash and zsh take the value alone, the others the whole word
    head = f"{option}=" if equals and option[:2] == "--" and shell in ("fish", "powershell") else ""
    return "".join(f"{head}{each.value}{_about(each.help, shell)}\n" for each in found)


def channel_words(catalogue: Catalogue, start: str) -> list[tuple[str, str]]:
    """The ids of channels that begin so, or else their other names, each with the channel's name.

    A name stands as one word of letters, digits and hyphens, which finds the channel as well
    (`Catalogue.find`); one that cannot be written so is left out.
    """
    every = [(channel, name) for channel in catalogue.channels for _, name in names(channel)]
    words = [(re.sub(r"\W+", "-", name.casefold()).strip("-"), channel) for channel, name in every]
    ids = [(channel.id, channel) for channel in catalogue.channels]
    begun = [each for each in ids if each[0].startswith(start)] or [
        (word, channel)
        for word, channel in words
        if word.startswith(start) and catalogue.find(word) is channel
    ]
    return [(word, channel.name) for word, channel in begun]


def _about(told: str | None, shell: Shell) -> str:
    separator = {"bash": "", "zsh": ":"}.get(shell, "\t")
    return f"{separator}{one_line(told)}" if told and separator else ""


def _split(line: str, escape: str) -> list[str]:
    """The words of a line that may end within quotes; after a space the last one is empty."""
    lexer = shlex.shlex(f"{line}.", posix=True)  # the dot is part of the last word, even if empty
    lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", escape
    words = []
    try:
        for word in lexer:
            words.append(word)  # noqa: PERF402 - what was read before an error counts
    except ValueError:  # a quote is open
        words.append(lexer.token)
    words[-1] = words[-1][:-1]
    return words
