"""Golden cases of distributions: log-probabilities, entropies and divergences with their gradients, and derivatives of gamma samples."""
import torch
import torch.distributions as D
from golden import Family, rand, randint, randn

family = Family('distributions')


def lower(a):
    return a.tril(-1) + torch.diag_embed(a.diagonal(dim1=-2, dim2=-1).exp())


def positive(*shape):
    return rand(*shape, low=0.4, high=3.0)


def kind(name, make, value, parameters):
    """LogProb and Entropy with the parameters, KL from them to others of the same shapes."""
    n = len(parameters())
    family.case(f'{name}_log_prob', lambda x, *p: make(*p).log_prob(x) + 0 * x.sum(), value, *parameters())
    family.case(f'{name}_entropy', lambda *p: make(*p).entropy() + 0 * sum(t.sum() for t in p), *parameters())
    family.case(f'{name}_kl', lambda *p: D.kl_divergence(make(*p[:n]), make(*p[n:])), *parameters(), *parameters())
    family.case(f'{name}_moments', lambda *p: make(*p).mean + make(*p).variance + 0 * sum(t.sum() for t in p), *parameters())


kind('normal', lambda m, s: D.Normal(m, s, validate_args=False), randn(2, 3, 4), lambda: (randn(3, 4), positive(4)))
kind('laplace', lambda m, s: D.Laplace(m, s, validate_args=False), randn(2, 3, 4), lambda: (randn(3, 4), positive(4)))
kind('gumbel', lambda m, s: D.Gumbel(m, s, validate_args=False), randn(2, 3, 4), lambda: (randn(3, 4), positive(4)))
kind('gamma', lambda a, b: D.Gamma(a, b, validate_args=False), positive(2, 3, 4), lambda: (positive(3, 4), positive(4)))
kind('beta', lambda a, b: D.Beta(a, b, validate_args=False), rand(2, 3, 4, low=0.05, high=0.95), lambda: (positive(3, 4), positive(4)))
kind('dirichlet', lambda a: D.Dirichlet(a, validate_args=False), torch.softmax(randn(5, 3, 4), -1), lambda: (positive(3, 4),))
kind('bernoulli', lambda l: D.Bernoulli(logits=l, validate_args=False), torch.tensor([[0., 1., 1., 0.], [1., 1., 0., 0.]]), lambda: (randn(4) * 2,))
kind('mvn', lambda m, a: D.MultivariateNormal(m, scale_tril=lower(a), validate_args=False), randn(5, 3), lambda: (randn(3), randn(3, 3) / 2))
kind('mvn_batch', lambda m, a: D.MultivariateNormal(m, scale_tril=lower(a), validate_args=False), randn(2, 4, 3), lambda: (randn(3), randn(4, 3, 3) / 2))
kind('mvn_one', lambda m, a: D.MultivariateNormal(m, scale_tril=lower(a), validate_args=False), randn(5, 1), lambda: (randn(1), randn(1, 1) / 2))

family.case('categorical_log_prob', lambda l, x: D.Categorical(logits=l).log_prob(x), randn(3, 5), randint(5, 2, 3))
family.case('categorical_entropy', lambda l: D.Categorical(logits=l).entropy(), randn(3, 5))
family.case('categorical_kl', lambda p, q: D.kl_divergence(D.Categorical(logits=p), D.Categorical(logits=q)), randn(3, 5), randn(3, 5))


def uniform(p, shift):
    return D.Uniform(p - shift, p + shift + 1, validate_args=False)


family.case('uniform_log_prob', lambda x, p: uniform(p, 0.5).log_prob(x) + 0 * (x.sum() + p.sum()), randn(2, 3) * 0.3, rand(3))
family.case('uniform_entropy', lambda p: D.Uniform(p, 3 * p).entropy(), positive(4))
family.case('uniform_kl', lambda p, q: D.kl_divergence(D.Uniform(p, 2 * p), D.Uniform(p / 2, 3 * q + 6)), positive(4), positive(4))

# d sample / d concentration at given samples; torch's own formula has relative errors up to about 1e-3.
alpha = torch.tensor([0.05, 0.3, 0.7, 1.0, 1.5, 3.0, 8.0, 20.0, 100.0, 1000.0]).repeat_interleave(4)
torch.manual_seed(3)
samples = torch._standard_gamma(alpha.double()).clamp_min(1e-30)
family._put('gamma_slope/alpha', alpha)
family._put('gamma_slope/log', samples.log())
family._put('gamma_slope/slope', torch._standard_gamma_grad(alpha.double(), samples) / samples)
family.save()
