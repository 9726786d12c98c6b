"""Golden cases of CTC. PyTorch's own loss has no second gradient, so the recursion is written out and compared with it."""
import torch
import torch.nn.functional as F
from golden import Family, randn

family = Family('ctc')
labels = torch.tensor([[1, 2, 2], [3, 1, 0], [2, 0, 0]])
steps, counts = [7, 5, 6], [3, 2, 0]


def item(x, path):
    alpha = [x[0, c] if s < 2 else None for s, c in enumerate(path)]
    for line in x[1:]:
        new = []
        for s, c in enumerate(path):
            before = [alpha[s]] + ([alpha[s - 1]] if s else []) + ([alpha[s - 2]] if s > 1 and c != 0 and c != path[s - 2] else [])
            before = [b for b in before if b is not None]
            new.append(torch.stack(before).logsumexp(0) + line[c] if before else None)
        alpha = new
    return -torch.stack([a for a in alpha[-2:] if a is not None]).logsumexp(0)


def ctc(logits):
    x = logits.log_softmax(-1)
    losses = []
    for n in range(3):
        path = [0]
        for label in labels[n][:counts[n]]: path += [int(label), 0]
        losses.append(item(x[n, :steps[n]], path))
    y = torch.stack(losses)
    torch.testing.assert_close(y, F.ctc_loss(x.transpose(0, 1), labels, steps, counts, reduction='none'))
    return y


family.case('ctc', ctc, randn(3, 7, 4))
family.case('ctc_mean', lambda x: (ctc(x) / torch.tensor([3, 2, 1])).mean(), randn(3, 7, 4))
family.save()
