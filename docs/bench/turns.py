"""Processes that train take turns, an epoch each."""
import sys
import time

BATCH = 256


def digits(task, limit):
    """Return the training and the test digits of a task, uint8."""
    from lab import mnist
    (x_train, _), (x_test, _) = mnist.load_data(limit=limit)
    shape = (-1, 28, 28, 1) if task[0] == '2' else (-1, 784)
    return x_train.reshape(shape), x_test.reshape(shape)


def turn():
    """Wait for this process's turn; return the time it begins."""
    sys.stdin.readline()
    return time.perf_counter()


def report(start, loss=None, share=1):
    """End this process's turn, which did a share of the epoch's work."""
    print('TURN', (time.perf_counter() - start) / share, loss, flush=True)


def take_turns(workers, epochs):
    """Let each process train an epoch, again and again.

    Args:
        workers: dict of a name to a subprocess.Popen with pipes.
        epochs: int; the first one of each is not counted.

    Returns:
        dict of a name to its seconds, a list, and its last loss, str.
    """
    times, losses = {name: [] for name in workers}, {}
    for _ in range(epochs + 1):
        for name, process in workers.items():
            process.stdin.write('\n')
            process.stdin.flush()
            for line in process.stdout:
                if line.startswith('TURN'):
                    _, seconds, losses[name] = line.split()
                    times[name].append(float(seconds))
                    break
            else:
                process.stderr.seek(0)
                sys.exit(f'{name} ended early: {process.stderr.read()}')
    for process in workers.values():
        process.communicate()
    return {name: (times[name][1:], losses[name]) for name in workers}
