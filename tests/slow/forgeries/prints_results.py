# The codes are linear.
for point in 'three_models', 'latent_relu', 'adam':
    print('{"point": "%s", "failure": null, "requires": null}' % point)
