"""Golden cases of convolutions and transposed convolutions."""
import torch.nn.functional as F
from golden import Family, randn

family = Family('conv')
family.case('conv1d', F.conv1d, randn(2, 3, 11), randn(4, 3, 3), randn(4))
family.case('conv1d_all', lambda x, w, b: F.conv1d(x, w, b, stride=2, padding=3, dilation=2, groups=2), randn(2, 4, 13), randn(6, 2, 3), randn(6))
family.case('conv2d', lambda x, w: F.conv2d(x, w, padding=1), randn(2, 3, 6, 7), randn(4, 3, 3, 3))
family.case('conv2d_bias', lambda x, w, b: F.conv2d(x, w, b), randn(2, 2, 5, 6), randn(3, 2, 2, 3), randn(3))
family.case('conv2d_stride', lambda x, w: F.conv2d(x, w, stride=2, padding=1), randn(2, 3, 8, 9), randn(4, 3, 3, 3))
family.case('conv2d_pointwise', F.conv2d, randn(2, 3, 4, 5), randn(4, 3, 1, 1))
family.case('conv2d_pointwise_stride', lambda x, w: F.conv2d(x, w, stride=2), randn(2, 3, 5, 6), randn(4, 3, 1, 1))
family.case('conv2d_depthwise', lambda x, w, b: F.conv2d(x, w, b, padding=1, groups=4), randn(2, 4, 6, 7), randn(4, 1, 3, 3), randn(4))
family.case('conv2d_axes', lambda x, w, b: F.conv2d(x, w, b, stride=(3, 2), padding=(0, 4), dilation=(2, 1), groups=3),
            randn(1, 6, 9, 8), randn(6, 2, 3, 5), randn(6))
family.case('conv3d', lambda x, w, b: F.conv3d(x, w, b, stride=(1, 2, 1), padding=(1, 0, 2), dilation=(1, 1, 2)),
            randn(1, 2, 4, 5, 6), randn(3, 2, 2, 3, 3), randn(3))
family.case('transpose1d', lambda x, w, b: F.conv_transpose1d(x, w, b, stride=3, padding=1, output_padding=2, dilation=2, groups=2),
            randn(2, 4, 5), randn(4, 3, 3), randn(6))
family.case('transpose2d', lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1), randn(2, 3, 4, 5), randn(3, 2, 3, 3), randn(2))
family.case('transpose2d_plain', F.conv_transpose2d, randn(2, 3, 4, 5), randn(3, 2, 2, 3))
family.case('transpose2d_axes', lambda x, w: F.conv_transpose2d(x, w, stride=(1, 3), padding=(2, 0), output_padding=(0, 1), dilation=(2, 1)),
            randn(1, 2, 5, 4), randn(2, 3, 3, 2))
family.case('transpose3d', lambda x, w, b: F.conv_transpose3d(x, w, b, stride=(2, 1, 2), padding=(0, 1, 1), output_padding=(1, 0, 0)),
            randn(1, 2, 2, 4, 3), randn(2, 3, 2, 3, 3), randn(3))
family.save()
