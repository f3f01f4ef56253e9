"""The same trainings as a user of PyTorch or of JAX would write them."""
from docs.bench.turns import BATCH, digits, report, turn
from lab import mnist


def torch_model(task):
    """Return a PyTorch module for the task; it returns (output, penalty)."""
    import torch
    from torch import nn

    def chain(sizes, last):
        layers = []
        for a, b in zip(sizes, sizes[1:]):
            layers += [nn.Linear(a, b), nn.ReLU()]
        return nn.Sequential(*layers[:-1], *last)

    class Dense(nn.Module):
        def __init__(self, lambtha):
            super().__init__()
            self.encoder = chain([784, 128, 64, 32], [nn.ReLU()])
            self.decoder = chain([32, 64, 128, 784], [])
            self.lambtha = lambtha

        def forward(self, x):
            codes = self.encoder(x)
            penalty = self.lambtha * codes.abs().sum() / len(x)
            return self.decoder(codes), penalty if self.lambtha else 0

    class Convolutional(nn.Module):
        def __init__(self):
            super().__init__()

            def conv(a, b, padding=1):
                return [nn.Conv2d(a, b, 3, padding=padding), nn.ReLU()]

            def pool():
                return nn.MaxPool2d(2, ceil_mode=True)

            def up():
                return nn.Upsample(scale_factor=2)

            self.layers = nn.Sequential(
                *conv(1, 16), pool(), *conv(16, 8), pool(), *conv(8, 8),
                pool(), *conv(8, 8), up(), *conv(8, 8), up(),
                *conv(8, 16, 0), up(), nn.Conv2d(16, 1, 3, padding=1))

        def forward(self, x):
            return self.layers(x), 0

    class Variational(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = nn.Sequential(nn.Linear(784, 512), nn.ReLU())
            self.mean, self.log_var = nn.Linear(512, 2), nn.Linear(512, 2)
            self.decoder = chain([2, 512, 784], [])

        def forward(self, x):
            hidden = self.hidden(x)
            mean, log_var = self.mean(hidden), self.log_var(hidden)
            z = mean + torch.exp(log_var / 2) * torch.randn_like(mean)
            kl = -0.5 * (1 + log_var - mean**2 - log_var.exp()).sum(1).mean()
            return self.decoder(z), kl

    model = {'0': lambda: Dense(0), '1': lambda: Dense(10e-6),
             '2': Convolutional, '3': Variational}[task[0]]()
    for layer in model.modules():           # Keras's initial weights
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return model


def train_torch(task, limit, epochs, indexed=False, compiled=False):
    """Train as PyTorch's tutorials do, or index the images of a batch."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset
    torch.manual_seed(0)
    x_train, x_test = (torch.from_numpy(mnist.scale(x))
                       for x in digits(task, limit))
    model = torch_model(task)
    if task[0] == '2':
        model = model.to(memory_format=torch.channels_last)
        x_train, x_test = (x.permute(0, 3, 1, 2) for x in (x_train, x_test))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7,
                                 fused=compiled)

    def loss(x):
        output, penalty = model(x)
        value = torch.nn.functional.binary_cross_entropy_with_logits(output, x)
        return value * (784 if task[0] == '3' else 1) + penalty

    if compiled:
        loss = torch.compile(loss)

    def batches(images, shuffle):
        if not indexed:
            loader = DataLoader(TensorDataset(images), BATCH, shuffle=shuffle)
            return (x for x, in loader)
        if not shuffle:
            return images.split(BATCH)
        return (images[batch] for batch in
                torch.randperm(len(images)).split(BATCH))

    for _ in range(epochs):
        start = turn()
        for x in batches(x_train, shuffle=True):
            optimizer.zero_grad()
            loss(x).backward()
            optimizer.step()
        with torch.no_grad():
            total = sum(loss(x).item() * len(x)
                        for x in batches(x_test, shuffle=False))
        report(start, total / len(x_test))


def train_indexed(*args):
    """Train as `train_torch`, without a DataLoader."""
    train_torch(*args, indexed=True)


def train_compiled(*args):
    """Train as `train_indexed`, the loss compiled, Adam fused."""
    train_torch(*args, indexed=True, compiled=True)


def jax_layers(task):
    """Return the shapes of the kernels of the encoder and the decoder."""
    if task[0] == '2':
        return ([(3, 3, a, b) for a, b in [(1, 16), (16, 8), (8, 8)]],
                [(3, 3, a, b) for a, b in [(8, 8), (8, 8), (8, 16), (16, 1)]])
    if task[0] == '3':
        return [(784, 512), (512, 4)], [(2, 512), (512, 784)]
    sizes = [784, 128, 64, 32]
    return (list(zip(sizes, sizes[1:])), list(zip(sizes[:0:-1], sizes[-2::-1]))
            )


def jax_output(task, params, x, key):
    """Return the logits of the reconstructions, and the penalty in nats."""
    import jax
    import jax.numpy as jnp
    encoder, decoder = params

    def convolve(x, kernel, bias, padding='SAME'):
        return jax.lax.conv_general_dilated(
            x, kernel, (1, 1), padding,
            dimension_numbers=('NHWC', 'HWIO', 'NHWC')) + bias

    if task[0] == '2':
        for layer in encoder:
            x = jax.lax.reduce_window(
                jax.nn.relu(convolve(x, *layer)), -jnp.inf, jax.lax.max,
                (1, 2, 2, 1), (1, 2, 2, 1), 'SAME')
        for number, layer in enumerate(decoder[:-1]):
            x = jax.nn.relu(convolve(x, *layer, padding=(
                'VALID' if number == 2 else 'SAME')))
            x = x.repeat(2, axis=1).repeat(2, axis=2)
        return convolve(x, *decoder[-1]), 0
    for kernel, bias in encoder[:-1]:
        x = jax.nn.relu(x @ kernel + bias)
    kernel, bias = encoder[-1]
    x = x @ kernel + bias
    penalty = 0
    if task[0] == '3':
        mean, log_var = jnp.split(x, 2, axis=1)
        penalty = -0.5 * jnp.sum(
            1 + log_var - mean**2 - jnp.exp(log_var), axis=1).mean()
        x = mean + jnp.exp(log_var / 2) * jax.random.normal(key, mean.shape)
    else:
        x = jax.nn.relu(x)
        if task[0] == '1':
            penalty = 10e-6 * jnp.sum(x) / len(x)
    for kernel, bias in decoder[:-1]:
        x = jax.nn.relu(x @ kernel + bias)
    kernel, bias = decoder[-1]
    return x @ kernel + bias, penalty


def train_jax(task, limit, epochs):
    """Train an epoch as one compiled scan over images on the device."""
    import jax
    import jax.numpy as jnp
    x_train, x_test = (jnp.asarray(mnist.scale(x))
                       for x in digits(task, limit))

    def loss(params, x, key):
        logits, penalty = jax_output(task, params, x, key)
        nats = jnp.maximum(logits, 0) - logits * x + jnp.log1p(
            jnp.exp(-jnp.abs(logits)))
        return nats.mean() * (784 if task[0] == '3' else 1) + penalty

    def step(state, rows):
        params, m, v, count, key = state
        key, noise = jax.random.split(key)
        grads = jax.grad(loss)(params, x_train[rows], noise)
        count += 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, grads)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, grads)
        rate = 1e-3 * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        params = jax.tree.map(
            lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-7), params, m, v)
        return (params, m, v, count, key), None

    @jax.jit
    def train(state):
        key, shuffled = jax.random.split(state[-1])
        order = jax.random.permutation(shuffled, len(x_train))
        whole = len(order) // BATCH * BATCH
        state, _ = jax.lax.scan(step, (*state[:-1], key),
                                order[:whole].reshape((-1, BATCH)))
        return step(state, order[whole:])[0] if whole < len(order) else state

    @jax.jit
    def validate(state):
        def total(rows):
            return loss(state[0], x_test[rows], state[-1]) * len(rows)
        order = jnp.arange(len(x_test))
        whole = len(order) // BATCH * BATCH
        sums = jax.lax.map(total, order[:whole].reshape((-1, BATCH))).sum()
        return (sums + (total(order[whole:]) if whole < len(order) else 0)
                ) / len(order)

    key = jax.random.key(0)
    glorot = jax.nn.initializers.glorot_uniform()
    params = [[(glorot(jax.random.fold_in(key, 9 * half + number), shape),
                jnp.zeros(shape[-1])) for number, shape in enumerate(shapes)]
              for half, shapes in enumerate(jax_layers(task))]
    zeros = jax.tree.map(jnp.zeros_like, params)
    state = params, zeros, zeros, 0., key
    for _ in range(epochs):
        start = turn()
        state = train(state)
        report(start, float(validate(state)))
