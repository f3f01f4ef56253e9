"""Each picture shows what it was given."""
import numpy as np
import pytest

from lab import figures


def test_reconstructions():
    """Each image stands over its reconstruction."""
    x = np.random.default_rng(0).random((10, 784))
    figure = figures.reconstructions(x, 1 - x, 'A title')
    shown = [axis.images[0].get_array() for axis in figure.axes]
    np.testing.assert_array_equal(shown[:10], x.reshape((10, 28, 28)))
    np.testing.assert_array_equal(shown[10:], 1 - x.reshape((10, 28, 28)))
    assert figure.get_suptitle() == 'A title'


def test_loss_curves():
    """The curves are the history, epochs counted from 1."""
    history = {'loss': [3, 2], 'val_loss': [4, 1]}
    axis = figures.loss_curves(history, 'A title', 'nats').axes[0]
    for line, name in zip(axis.lines, ['loss', 'val_loss']):
        assert line.get_xydata().tolist() == [[1, history[name][0]],
                                              [2, history[name][1]]]
    assert axis.get_title() == 'A title' and 'nats' in axis.get_ylabel()


def test_no_class_hides_another():
    """Names of classes in one place stand side by side, each near its own."""
    means = np.random.default_rng(0).normal(0, 0.1, (500, 2))
    labels = np.repeat(range(10), 50)
    means[labels == 0] += 4
    places = figures.class_places(means, labels, 0.4)
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    assert apart[~np.eye(10, dtype=bool)].min() > 0.35
    assert places[0] == pytest.approx(np.median(means[:50], axis=0))
    assert np.abs(places[1:]).max() < 1.2


def test_latent_grid():
    """The digit of a code is drawn at its own place."""
    axis = np.linspace(-3, 3, 25)
    x, y = np.meshgrid(axis, axis)
    value = (x + 10 * y)[:, :, None, None]
    axes = figures.latent_grid(np.tile(value, (28, 28)), axis, 'A title').axes
    image, = axes[0].images
    left, right, bottom, top = image.get_extent()
    pixels = np.asarray(image.get_array())
    assert image.origin == 'upper' and top > bottom
    assert (axes[0].get_xlabel(), axes[0].get_ylabel()) == ('z[0]', 'z[1]')
    for i, j in [(0, 0), (24, 0), (0, 24), (3, 17)]:
        column = (axis[j] - left) / (right - left) * pixels.shape[1]
        row = (top - axis[i]) / (top - bottom) * pixels.shape[0]
        assert pixels[int(row), int(column)] == axis[j] + 10 * axis[i]


@pytest.mark.parametrize('classes', [10, 47])
def test_latent_scatter(classes):
    """Every mean is a point, in the colour of its class."""
    means = np.random.default_rng(0).normal(size=(100, 2))
    labels = np.arange(100) % classes
    axes = figures.latent_scatter(means, labels, 'A title').axes[0]
    assert len(axes.collections) == classes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ('z[0]', 'z[1]')
    for label, points in enumerate(axes.collections):
        np.testing.assert_array_equal(points.get_offsets(),
                                      means[labels == label])
    colors = [tuple(points.get_facecolor()[0]) for points in axes.collections]
    assert colors == (colors[:10] * 5)[:classes] and len(set(colors)) == 10
