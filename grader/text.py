"""What a solution says, as text that a terminal and a page may show."""
import re

import numpy as np


def printable(text):
    """Return a text as one line that a terminal and a page may show."""
    return ''.join(c if c.isprintable() else '\\x{:02x}'.format(
        ord(c) - 0xdc00 if '\udc80' <= c <= '\udcff' else ord(c))
        for c in text)


def line(text):
    """Return what a solution says as a line that a page may show."""
    return ' '.join(printable(re.sub(r'\x1b\[[0-9;]*m', '', str(text)[:4000])
                              .replace('\n', ' ')).split())[:2000]


def raised(words):
    """Return an exception's type and the sentence that says most."""
    lines = [part for part in map(line, str(words.get('message')).split('\n'))
             if part] or ['']
    which = 0           # of TensorFlow's own, the first may only say where
    if lines[0] == 'in user code:':
        which = -1
    elif lines[0].startswith('Exception encountered') and lines[1:]:
        which = 1
    text = lines[which]
    if len(text) > 200:                 # no word is cut
        text = text[:200].rpartition(' ')[0] + ' …'
    return line(words.get('raised')) + (': ' + text if text else '')


def plain(value):
    """Return a value whose text is that of plain Python numbers."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return type(value)(map(plain, value))
    return value
