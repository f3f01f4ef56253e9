"""Pictures are shown where people look: a notebook, a browser, a window."""
import base64
import importlib.util
import io
import json
import os
import re
import shutil
import signal
import subprocess
import urllib.request

import matplotlib.image
import nbclient
import nbformat
import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel
from tornado.ioloop import IOLoop
from tornado.websocket import websocket_connect

from lab.tasks import TASKS
from launch import ROOT

FEW = ['--epochs', '1', '--limit', '512']
LEFT = ['3-auto.keras', '3-decoder.keras', '3-encoder.keras', '3-grid.png',
        '3-history.csv', '3-loss.png', '3-reconstructions.png', '3-run.json',
        '3-scatter.png']


def read(png):
    """Return an image of bytes as floats, (height, width, 4)."""
    return matplotlib.image.imread(io.BytesIO(png), format='png')


def run(task, output):
    """Return what a user types into a notebook to run a main."""
    return f"%run {task[0]}-main.py {' '.join(FEW)} --output '{output}'"


@pytest.mark.program
@pytest.mark.parametrize('magic, tasks', [
    ('', TASKS), ('%matplotlib widget\n', ['3-variational'])])
def test_notebook(tmp_path, monkeypatch, magic, tasks):
    """`%run` shows each picture once, inline or, by ipympl, as a widget."""
    monkeypatch.delenv('MPLBACKEND')        # ipykernel sets its own
    notebook = nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_code_cell(magic + run(task, tmp_path))
        for task in tasks])
    notebook.cells.append(nbformat.v4.new_code_cell(
        'print(decoder.name, auto.layers[1] is encoder, list(history))'))
    nbclient.NotebookClient(
        notebook, timeout=600, kernel_name='python3',
        resources={'metadata': {'path': str(ROOT)}}).execute()
    for cell, task in zip(notebook.cells, tasks):
        count = 4 if task == '3-variational' else 2
        pictures = [base64.b64decode(output.data['image/png'])
                    for output in cell.outputs
                    if 'image/png' in output.get('data', {})]
        assert len(pictures) == count and ' 0 Axes' not in str(cell.outputs)
        assert len(list(tmp_path.glob(f'{task[0]}-*.png'))) == count
        for number, png in enumerate(pictures):
            assert read(png)[..., :3].std() > 0.05
            (tmp_path / f'in-notebook-{task}-{number}.png').write_bytes(png)
        assert not any(output.get('name') == 'stderr'
                       for output in cell.outputs)
    # What the main made is there, as after the task descriptions' own mains.
    assert notebook.cells[-1].outputs[0].text == (
        "decoder True ['loss', 'val_loss']\n")


class Page:
    """A figure in a browser: speaks as Matplotlib's own page does.

    Args:
        send: function of a message to the figure, str.
        receive: function that waits for the figure's next message, a dict, or
            the bytes of an image.
    """

    def __init__(self, send, receive):
        self.send_text, self.receive = send, receive
        self.send('supports_binary', value=True)
        self.send('send_image_mode')
        self.send('set_device_pixel_ratio', device_pixel_ratio=1)
        self.send('refresh')
        self.image = None
        self.look()

    def send(self, kind, **more):
        """Send a message of this type."""
        self.send_text(json.dumps({'type': kind, 'figure_id': '4', **more}))

    def look(self):
        """Wait for the next image, which may hold only what is new in it."""
        while True:
            message = self.receive()
            if isinstance(message, bytes):
                image = read(message)
                self.image = image if self.image is None else np.where(
                    image[..., 3:] > 0, image, self.image)
                self.send('ack')
                return
            if message['type'] == 'draw':
                self.send('draw')

    def follows(self, folder):
        """Move the pointer; only where the digit is drawn, pixels change."""
        rest = self.image
        matplotlib.image.imsave(folder / 'page-at-rest.png', rest)
        height, width = rest.shape[:2]
        for part in (2, 3):
            x, y = width // part, height // part
            before = self.image
            self.send('motion_notify', x=x, y=y, button=0, buttons=0,
                      modifiers=[], guiEvent={})
            while np.array_equal(self.image, before):
                self.look()
            matplotlib.image.imsave(folder / f'page-at-{x}-{y}.png',
                                    self.image)
            assert digit_at(x, y, rest, self.image)


def digit_at(x, y, rest, image):
    """Return whether a digit is up and to the right of x, y, and no more."""
    rows, columns = np.nonzero((image != rest).any(axis=2))
    side = rest.shape[1] // 6
    return (len(rows) > 100 and x - 4 <= columns.min() and
            columns.max() < x + side and y - side < rows.min() and
            rows.max() <= y + 4)


def test_browser(tmp_path, start):
    """WebAgg serves all figures; one follows the pointer; Ctrl-C ends it."""
    (tmp_path / 'matplotlibrc').write_text('webagg.open_in_browser: False')
    output = tmp_path / 'output'
    program = start('3-variational', *FEW, '--output', str(output), more={
        'MPLBACKEND': 'WebAgg', 'PYTHONUNBUFFERED': '1',
        'MATPLOTLIBRC': str(tmp_path)})
    program.until('Press Ctrl+C')
    assert sorted(os.listdir(output)) == LEFT
    url = re.search(r'visit (http://\S+)', program.printed)[1]
    with urllib.request.urlopen(url) as page:
        assert re.findall(r'ready\(figure_ready\((\d)\)\)',
                          page.read().decode()) == ['1', '2', '3', '4']
    loop = IOLoop()
    socket = loop.run_sync(lambda: websocket_connect(
        f"{url.replace('http', 'ws')}/4/ws"))

    def receive():
        message = loop.run_sync(socket.read_message)
        assert message is not None, program.account()
        return message if isinstance(message, bytes) else json.loads(message)

    Page(socket.write_message, receive).follows(tmp_path)
    socket.close()
    loop.close()
    program.kill(signal.SIGINT)
    assert program.end(0, 130)[1] == []


@pytest.mark.program
def test_interactive_notebook(tmp_path, monkeypatch):
    """Under `%matplotlib nbagg`, too, the digit follows the pointer."""
    monkeypatch.delenv('MPLBACKEND')        # ipykernel sets its own
    manager, client = start_new_kernel(kernel_name='python3', cwd=str(ROOT))
    try:
        client.execute(f"%matplotlib nbagg\n{run('3-variational', tmp_path)}")
        comms, message = [], client.get_iopub_msg(timeout=600)
        while message['content'].get('execution_state') != 'idle':
            assert message['msg_type'] != 'error', message
            if message['msg_type'] == 'comm_open':
                comms.append(message['content']['comm_id'])
            message = client.get_iopub_msg(timeout=600)
        assert len(comms) == 4              # each figure once

        def send(text):
            client.shell_channel.send(client.session.msg(
                'comm_msg', {'comm_id': comms[3], 'data': text}))

        def receive():
            while True:
                message = client.get_iopub_msg(timeout=600)
                if (message['msg_type'] == 'comm_msg' and
                        message['content']['comm_id'] == comms[3]):
                    return (bytes(message['buffers'][0]) if message['buffers']
                            else json.loads(message['content']['data']['data'])
                            )

        Page(send, receive).follows(tmp_path)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert sorted(name for name in os.listdir(tmp_path) if name[0] == '3') == (
        LEFT)


NEEDED = [name for name in ('Xvfb', 'xdotool') if not shutil.which(name)] + [
    name for name in ['tkinter'] if not importlib.util.find_spec('_tkinter')]


@pytest.mark.skipif(NEEDED != [], reason='no window was opened: {} not '
                    'installed'.format(', '.join(NEEDED)))
def test_window(tmp_path, launch, start):
    """In a window the digit follows a real pointer."""
    server = launch('Xvfb', '-displayfd', '1', '-screen', '0', '1280x1024x24',
                    '-fbdir', str(tmp_path))
    server.until('')
    display = {'DISPLAY': f":{server.printed.strip()}"}

    def screen():
        """Return the X server's own picture, (height, width, 3)."""
        dump = (tmp_path / 'Xvfb_screen0').read_bytes()
        header = np.frombuffer(dump[:100], '>u4')
        start = header[0] + 12 * header[19]         # a colour map of 12 each
        return np.frombuffer(dump, np.uint8, offset=start).reshape(
            (header[5], header[4], 4))[..., 2::-1]

    def point(*command):
        return subprocess.run(['xdotool', *map(str, command)], check=True,
                              env=dict(os.environ, **display),
                              stdout=subprocess.PIPE, text=True).stdout

    program = start(
        '3-variational', *FEW, '--output', str(tmp_path / 'output'),
        more=dict(display, MPLBACKEND='TkAgg'))
    program.until('saved: ')
    assert sorted(os.listdir(tmp_path / 'output')) == LEFT
    window = point('search', '--sync', '--onlyvisible', '--name',
                   'Figure 4').strip()
    point('windowmove', window, 0, 0)
    size = min(map(int, re.search(r'(\d+)x(\d+)', point(
        'getwindowgeometry', window)).groups()))
    for x, y in [(size // 2, size // 2), (size // 3, size // 3)]:
        seen = []
        while not any(seen):    # the window or the digit may not be drawn yet
            assert program.process.poll() is None, program.account()
            point('windowraise', window)            # others are opening
            point('mousemove', 9, size - 9)         # beside the axes
            *_, rest = (screen() for _ in range(50))
            point('mousemove', x, y)                # with its arrow below it
            seen = [digit_at(x, y, rest[:y - 2, :size],
                             screen()[:y - 2, :size]) for _ in range(50)]
        matplotlib.image.imsave(tmp_path / f'screen-at-{x}-{y}.png',
                                screen())
