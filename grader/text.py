"""What a solution says, as text that a terminal and a page may show."""
import re
import textwrap


def printable(text):
    """Return a text as one line that a terminal and a page may show."""
    return ''.join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def line(text):
    """Return what a solution says as a line that a page may show."""
    plain = re.sub(r'\x1b\[[0-9;]*m', '', str(text)[:4000])
    return printable(' '.join(plain.split()))


def raised(words):
    """Return an exception's type and the sentence that says most."""
    lines = str(words['message']).strip().splitlines() or ['']
    # Of TensorFlow's own, the first lines may only say where.
    text = line(lines[-1] if lines[0] == 'in user code:' else
                ' '.join(lines))
    return f'{words["raised"]}: ' + textwrap.shorten(text, 300,
                                                     placeholder=' …')
